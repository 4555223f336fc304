// Command serve runs a real Apache Kafka on this machine until Ctrl-C, for a
// person who wants to try Netra against one (`make kafka`). Its data stay in
// the directory for the next time.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/netra-id/netra/pipeline/queue/realkafka"
)

func main() {
	port := flag.Int("port", 9092, "port for clients on 127.0.0.1")
	dir := flag.String("dir", filepath.Join(".cache", "kafka", "data"), "directory of the data and logs")
	heap := flag.Int("heap", 512, "bound of the heap in MB")
	flag.Parse()
	if err := serve(*port, *dir, *heap); err != nil {
		fmt.Fprintln(os.Stderr, "kafka:", err)
		os.Exit(1)
	}
}

func serve(port int, dir string, heap int) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("key dir: value %q: %w", dir, err)
	}
	starting, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	broker, err := realkafka.Start(starting, realkafka.Options{Dir: absolute, Port: port, HeapMB: heap})
	if err != nil {
		return err
	}
	fmt.Printf("Apache Kafka answers on %s (data and logs in %s); Ctrl-C ends it\n", broker.Addr(), absolute)
	select {
	case <-ctx.Done():
	case <-broker.Exited():
		return fmt.Errorf("it ended by itself; its log: %s", filepath.Join(absolute, "kafka.out"))
	}
	ending, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return broker.Stop(ending)
}
