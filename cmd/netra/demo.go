package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/deploy/sample"
	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/collect/feed"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/files"
	"github.com/netra-id/netra/pipeline/collect/sources"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
)

func demoCommand(a *app) *cobra.Command {
	d := &demo{app: a}
	cmd := drains(&cobra.Command{
		Use:   "demo",
		Short: "Run everything on this machine with sample posts",
		Long: `Demo runs an embedded broker and ClickHouse engine, imports an invented roster and
election, and lets sample posts arrive over time. It prints the console's address
and the login. Ctrl-C drains and ends; the next run goes on where it was.`,
		Example: "  netra demo\n  netra demo --fresh --spread 2m",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return d.run(cmd.Context()) },
	})
	cmd.Flags().StringVar(&d.dir, "dir", filepath.Join("data", "demo"), "folder in which the demo keeps everything")
	cmd.Flags().BoolVar(&d.fresh, "fresh", false, "start anew: remove what an earlier demo kept")
	cmd.Flags().DurationVar(&d.spread, "spread", 3*time.Minute, "time over which the sample posts arrive")
	cmd.Flags().StringVar(&d.listen, "listen", "127.0.0.1:8080", "address of the console; a free port where it is taken")
	return cmd
}

// demo runs the whole road on the sample data.
type demo struct {
	*app
	dir, listen string
	fresh       bool
	spread      time.Duration
}

// marker is the file by which a folder is known as a demo's, so that --fresh
// removes nothing else.
const marker = "netra-demo"

// check refuses flags that mean nothing, before anything is made.
func (d *demo) check() error {
	if d.spread < 0 {
		return fmt.Errorf("--spread %v; allowed: 0 or more", d.spread)
	}
	_, port, err := net.SplitHostPort(d.listen)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("--listen %q; allowed: host:port, such as 127.0.0.1:8080", d.listen)
	}
	return nil
}

func (d *demo) run(ctx context.Context) error {
	if err := d.check(); err != nil {
		return usage(err)
	}
	if err := d.prepareFolder(); err != nil {
		return err
	}
	logFile, err := os.OpenFile(filepath.Join(d.dir, "netra.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the demo's log: %w", err)
	}
	defer func() { _ = logFile.Close() }()
	d.log = newLogger(d.cfg.Log, logFile)

	feedURL, stopFeed := d.serveFeed(ctx)
	defer stopFeed()
	d.configure(feedURL)
	d.say("starting the broker and the ClickHouse engine in %s (log: %s)", d.dir, logFile.Name())
	return d.serveRoad(ctx)
}

func (d *demo) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, format+"\n", args...) }

func (d *demo) prepareFolder() error {
	if d.fresh {
		if err := d.clear(); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(d.dir, "sample"), 0o700); err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, marker), []byte("made by netra demo\n"), 0o600); err != nil {
		return err
	}
	return d.writeSample()
}

// clear removes what an earlier demo kept, and nothing that is not a demo's or
// is in use.
func (d *demo) clear() error {
	entries, err := os.ReadDir(d.dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--fresh: %w", err)
	}
	if _, err := os.Stat(filepath.Join(d.dir, marker)); err != nil {
		return usage(fmt.Errorf("--fresh: %s was not made by a demo, so it is not removed", d.dir))
	}
	d.cfg.DataDir = d.dir
	if here, err := readRunning(d.cfg); err == nil && here.answers() {
		return fmt.Errorf("--fresh: a demo runs in %s: end it first, or name another folder with --dir", d.dir)
	}
	if err := os.RemoveAll(d.dir); err != nil {
		return fmt.Errorf("remove the earlier demo: %w", err)
	}
	return nil
}

// writeSample lays the sample files into the folder where they are not there
// yet: a file that is written again would be read again.
func (d *demo) writeSample() error {
	return fs.WalkDir(sample.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := sample.Files.ReadFile(name)
		if err != nil {
			return err
		}
		to := d.sample(name)
		if have, err := os.ReadFile(to); err == nil && string(have) == string(data) {
			return nil
		}
		return os.WriteFile(to, data, 0o600)
	})
}

func (d *demo) sample(name string) string { return filepath.Join(d.dir, "sample", name) }

// serveFeed serves the sample feed on loopback, as a blog would: always at the
// same address, since a post of another address is another post. Where that is
// taken there is no feed this time, and no url.
func (d *demo) serveFeed(ctx context.Context) (url string, stop func()) {
	kept, address := filepath.Join(d.dir, "feed.addr"), "127.0.0.1:0"
	if data, err := os.ReadFile(kept); err == nil {
		address = string(data)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		d.say("the sample blog is left out this time: %v", err)
		return "", func() {}
	}
	keepAddress(kept, listener.Addr().String())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /feed.xml", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
		http.ServeFile(w, r, d.sample("feed.xml"))
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("the sample feed is not served", "error", err)
		}
	}()
	return "http://" + listener.Addr().String() + "/feed.xml", func() { _ = server.Close(); <-done }
}

func (d *demo) configure(feedURL string) {
	d.cfg.DataDir = d.dir
	d.cfg.Kafka.Brokers, d.cfg.ClickHouse.Address = nil, ""
	d.cfg.Classify.Contestants = d.sample("contestants.yaml")
	d.cfg.Roster.RegionFiles = []string{d.sample("regions.csv")}
	d.cfg.Roster.HashKey = ""
	d.cfg.Console.Listen = freeOr(d.listen)
	d.cfg.Console.Database = ""
	d.cfg.Capture.Tips.Enabled = true
	d.cfg.Monitor.Listen = freeOr(d.cfg.Monitor.Listen)
	posts := files.DefaultConfiguration()
	posts.Paths, posts.Spread = []string{d.sample("posts.jsonl")}, d.spread
	d.cfg.Collect.Sources = []sources.Source{{Name: "contoh", Interval: 2 * time.Second, Files: &posts}}
	if feedURL == "" {
		return
	}
	blog := feed.DefaultConfiguration()
	blog.Feeds = []feed.Feed{{URL: feedURL, Platform: "rss", AccountID: "blog-karang-wetan", Handle: "blog-karang-wetan", Name: "Catatan Karang Wetan"}}
	blog.Fetch = fetch.DefaultConfiguration()
	blog.Fetch.AllowPrivate = true
	d.cfg.Collect.Sources = append(d.cfg.Collect.Sources, sources.Source{Name: "blog", Interval: 20 * time.Second, Feed: &blog})
}

// freeOr returns the address where nobody listens on it, else one of this
// machine with a port that is free now.
func freeOr(address string) string {
	if address == "" {
		return ""
	}
	for _, try := range []string{address, "127.0.0.1:0"} {
		listener, err := net.Listen("tcp", try) //nolint:noctx // on this machine, at once
		if err == nil {
			_ = listener.Close()
			return listener.Addr().String()
		}
	}
	return address
}

func (d *demo) serveRoad(ctx context.Context) error {
	err := d.serve(ctx, func(ctx context.Context, r *road, wait await) error {
		if err := d.openWhole(ctx, r, d.telling(wait)); err != nil {
			return err
		}
		if err := d.importRoster(ctx, r); err != nil {
			return err
		}
		c, err := d.addAll(ctx, r, wait)
		if err != nil {
			return err
		}
		return d.addProgress(ctx, r, c)
	})
	if err == nil && ctx.Err() != nil {
		d.say("\nended in order: what was collected is classified and stored, or waits in the queue for the next run")
	}
	return err
}

// telling says on the terminal, too, what the demo waits for: its log is in a file.
func (d *demo) telling(wait await) await {
	return func(ctx context.Context, step string, try func(context.Context) error) error {
		told := false
		return wait(ctx, step, func(ctx context.Context) error {
			err := try(ctx)
			if err != nil && ctx.Err() == nil && !told {
				told = true
				d.say("waiting to %s: %v", step, err)
			}
			return err
		})
	}
}

func (d *demo) importRoster(ctx context.Context, r *road) error {
	key, err := d.rosterKey()
	if err != nil {
		return err
	}
	entries, err := parseRoster(d.sample("roster.csv"), key)
	if err != nil {
		return err
	}
	changes, err := r.store.SaveRoster(ctx, entries)
	if err != nil {
		return err
	}
	d.say("%s", describeChanges(changes))
	return r.roster.Load(ctx)
}

// addProgress adds a part that tells how it goes.
func (d *demo) addProgress(ctx context.Context, r *road, c *console.Console) error {
	logins, err := d.logins(ctx, c)
	if err != nil {
		return err
	}
	r.parts = append(r.parts, part{name: "progress", run: func(ctx context.Context) error {
		address, err := c.Address(ctx)
		if err != nil {
			return nil //nolint:nilerr // the console did not start, and says so itself
		}
		d.sayAddress(address, logins)
		d.sayGrafana(address)
		d.say("\n  Ctrl-C ends it in order.\n")
		return newTicker(d.app).run(ctx)
	}})
	return nil
}

// login is somebody with whom the demo can be seen.
type login struct{ name, password string }

// logins makes somebody of each role on the first run, the analyst first; later
// there is nobody to make.
func (d *demo) logins(ctx context.Context, c *console.Console) ([]login, error) {
	admin, password, created, err := c.Bootstrap(ctx)
	if err != nil || !created {
		return nil, err
	}
	var logins []login
	for _, role := range []access.Role{access.Analyst, access.Supervisor, access.Operator} {
		one := login{name: string(role), password: state.RandomPassword()}
		if err := c.AddUser(ctx, state.NewUser{Name: one.name, Role: role, Password: one.password}); err != nil {
			return nil, err
		}
		logins = append(logins, one)
	}
	return append(logins, login{name: admin, password: password}), nil
}

func (d *demo) sayAddress(address string, logins []login) {
	d.say("\n  console:   http://%s", strings.TrimPrefix(address, "http://"))
	for i, l := range logins {
		if i == 0 {
			d.say("  login:     %s\n  password:  %s   (shown only this once)\n\n  other roles:", l.name, l.password)
			continue
		}
		d.say("    %-11s %s", l.name, l.password)
	}
	if len(logins) == 0 {
		d.say("  login:     %s, with the password of the first run; or analyst, supervisor, operator\n             (forgotten? echo NEW-PASSWORD | NETRA_DATA_DIR=%s netra console passwd NAME)", state.BootstrapUser, d.dir)
	}
	if d.cfg.Monitor.Listen != "" {
		d.say("\n  metrics:   http://%s/metrics", d.cfg.Monitor.Listen)
	}
}
