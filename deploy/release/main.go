// Command release makes what is handed out of one version: archives, packages for
// Debian and Red Hat systems, a list of all parts (CycloneDX), their licences, the
// notes of the release, and the checksums of all of it. Two runs on one commit give
// the same bytes. It publishes nothing; `make release` calls it. With -bill it only
// lists the parts of a binary, which the container image needs (deploy/Dockerfile).
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// plan is one release.
type plan struct {
	// root is the checkout, out the folder of what is made.
	root, out string
	version   string
	commit    string
	time      time.Time
	platforms []string
}

func main() {
	p := plan{}
	platforms := flag.String("platforms", "linux/amd64,linux/arm64", "what to build for")
	flag.StringVar(&p.root, "root", ".", "the checkout")
	flag.StringVar(&p.out, "out", "dist", "folder of what is made; it must not be there")
	flag.StringVar(&p.version, "version", "", "the version (default: from git)")
	binary := flag.String("bill", "", "only list the parts of this binary, as CycloneDX, into the file -out")
	arch := flag.String("arch", runtime.GOARCH, "with -bill: the architecture that it is for")
	flag.Parse()
	p.platforms = strings.Split(*platforms, ",")
	run := p.run
	if *binary != "" {
		run = func(ctx context.Context) error { return p.list(ctx, *binary, *arch) }
	}
	if err := run(context.Background()); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func (p *plan) run(ctx context.Context) error {
	if _, err := os.Stat(p.out); err == nil {
		return fmt.Errorf("%s is there: allowed: a folder that is not there yet", p.out)
	}
	if err := p.fromGit(ctx); err != nil {
		return err
	}
	for _, platform := range p.platforms {
		system, arch, ok := strings.Cut(platform, "/")
		if !ok || system != "linux" {
			return fmt.Errorf("-platforms %q: allowed: linux/amd64, linux/arm64", platform)
		}
		if err := p.build(ctx, arch); err != nil {
			return err
		}
	}
	if err := p.notes(); err != nil {
		return err
	}
	return p.sums()
}

// list writes the bill of one binary. There is no repository to ask for a time, so
// it is SOURCE_DATE_EPOCH's, or 1970.
func (p *plan) list(ctx context.Context, binary, arch string) error {
	seconds, err := strconv.ParseInt(cmp.Or(os.Getenv("SOURCE_DATE_EPOCH"), "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH: %w; allowed: seconds since 1970", err)
	}
	p.time, p.version, p.commit = time.Unix(seconds, 0).UTC(), cmp.Or(p.version, "unknown"), "unknown"
	parts, err := partsOf(ctx, p.root, binary)
	if err != nil {
		return err
	}
	return p.writeBill(parts, arch, p.out)
}

// fromGit asks git for version, commit and time, where the checkout has one.
func (p *plan) fromGit(ctx context.Context) error {
	commit, err := p.git(ctx, p.root, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	seconds, err := p.git(ctx, p.root, "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	p.commit, p.time = commit, time.Unix(unix, 0).UTC()
	if p.version == "" {
		if p.version, err = p.git(ctx, p.root, "describe", "--tags", "--always", "--dirty"); err != nil {
			return err
		}
	}
	p.version = strings.TrimPrefix(p.version, "v")
	return nil
}

// git asks git about a folder of the checkout.
func (p *plan) git(ctx context.Context, dir string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", arguments...) //nolint:gosec // of this program
	command.Dir = dir
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(command.Args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// build makes all of one architecture.
func (p *plan) build(ctx context.Context, arch string) error {
	name := fmt.Sprintf("netra-%s-linux-%s", p.version, arch)
	tree := filepath.Join(p.out, "tree", name)
	if err := os.MkdirAll(tree, 0o755); err != nil { //nolint:gosec // it is handed out
		return err
	}
	if err := p.compile(ctx, arch, filepath.Join(tree, "netra")); err != nil {
		return err
	}
	parts, err := partsOf(ctx, p.root, filepath.Join(tree, "netra"))
	if err != nil {
		return err
	}
	if err := writeLicences(parts, filepath.Join(tree, "LICENSES-OF-PARTS.txt")); err != nil {
		return err
	}
	if err := p.writeBill(parts, arch, filepath.Join(p.out, name+".cdx.json")); err != nil {
		return err
	}
	if err := p.lay(tree); err != nil {
		return err
	}
	if err := archive(filepath.Join(p.out, "tree"), name, filepath.Join(p.out, name+".tar.gz"), p.time); err != nil {
		return err
	}
	return p.packages(ctx, tree, arch)
}

func (p *plan) compile(ctx context.Context, arch, to string) error {
	fmt.Println("release: compile for", arch)
	absolute, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	const pkg = "github.com/netra-id/netra/pipeline/version"
	link := fmt.Sprintf("-s -w -buildid= -X %[1]s.Version=%[2]s -X %[1]s.Commit=%[3]s -X %[1]s.Time=%[4]s",
		pkg, p.version, p.commit, p.time.Format(time.RFC3339))
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-pgo=deploy/netra.pgo", "-ldflags", link, "-o", absolute, "./cmd/netra") //nolint:gosec // of this program
	command.Dir, command.Stdout, command.Stderr = p.root, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=-mod=readonly")
	return command.Run()
}

// sums writes the checksums of everything that is handed out, and removes what
// was only on the way.
func (p *plan) sums() error {
	if err := os.RemoveAll(filepath.Join(p.out, "tree")); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(p.out, "*"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	var sums strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		_, _ = fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(sum[:]), filepath.Base(file))
	}
	fmt.Print(sums.String())
	return os.WriteFile(filepath.Join(p.out, "SHA256SUMS"), []byte(sums.String()), 0o644) //nolint:gosec // it is handed out
}
