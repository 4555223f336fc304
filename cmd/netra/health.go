package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthWithin bounds the question to the running part.
const healthWithin = 6 * time.Second

func healthCommand(a *app) *cobra.Command {
	var alive bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the part that runs here with this configuration whether it is ready",
		Long: `Health asks the running part at monitor.listen for /readyz, for health checks of
containers, which have no other program to ask with. It ends with 1 where it is not
ready, and says why.`,
		Example: "  netra health\n  netra health --alive",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.cfg.Monitor.Listen == "" {
				return usage(fmt.Errorf(`key "monitor.listen": it is empty, so that nothing can be asked; allowed: host:port`))
			}
			path := "/readyz"
			if alive {
				path = "/healthz"
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), healthWithin)
			defer cancel()
			answer, err := ask(ctx, a.cfg.Monitor.Listen, path)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.out, answer)
			return err
		},
	}
	cmd.Flags().BoolVar(&alive, "alive", false, "ask only whether it runs (/healthz)")
	return cmd
}

// ask gets a path from the monitor that listens on an address of this machine.
func ask(ctx context.Context, listen, path string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", usage(fmt.Errorf(`key "monitor.listen": %w`, err))
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+path, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("no part of netra answers at monitor.listen (%s): %w", listen, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	answer := strings.TrimSpace(string(body))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("not ready: %s", answer)
	}
	return answer, err
}
