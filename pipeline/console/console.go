// Package console is the web console in which analysts read flagged posts with
// their reasons: login, the list of flagged posts, one post. It renders pages
// on the server, in Bahasa Indonesia or English, and works without scripts. It
// classifies nothing and decides nothing; posts come to it through the small
// interfaces in dependencies.go. It is called by the netra command.
package console

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/coordinated"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/retention"
)

// Console is the web console. Build it with New.
type Console struct {
	config   Configuration
	deps     Dependencies
	logger   *slog.Logger
	metrics  *metrics
	db       *database.DB
	ownsDB   bool
	state    *state.State
	audit    *audit.Log
	oidc     *provider // nil where people do not log in by it
	sessions *scs.SessionManager
	purge    *state.Sessions
	forms    *forms
	review   Review
	tuning   *tuningDesk   // nil where no lists are tuned
	capture  *capture.Desk // nil where nothing is handed in
	// casework is nil where there are no cases.
	casework *Casework
	// coordinated is nil where copies of posts are not looked for.
	coordinated *coordinated.Finder
	// retention is nil where nothing is purged.
	retention *retention.Retention
	logins    *loginLimiter
	clients   clientAddresses
	pages     *pages
	zone      *time.Location
	// knowsRegions says that the regions' names are known.
	knowsRegions bool
	handler      http.Handler
	// description is openapi.yaml in JSON.
	description []byte

	listening chan struct{}
	address   string
}

// New builds the console and opens its database. It serves nothing before Run,
// and Close must be called when it is no longer used.
func New(config Configuration, deps Dependencies) (*Console, error) {
	zone, err := config.check()
	if err != nil {
		return nil, err
	}
	knowsRegions := deps.RegionName != nil
	deps = deps.withDefaults()
	if err := deps.check(); err != nil {
		return nil, err
	}
	pages, err := newPages(deps.Assets)
	if err != nil {
		return nil, err
	}
	c := &Console{
		config: config, deps: deps, logger: deps.Logger, metrics: newMetrics(deps.Registerer),
		logins: newLoginLimiter(config.Login, deps.Now), pages: pages, zone: zone, knowsRegions: knowsRegions,
		clients: clientAddresses{trusted: config.trustedProxies()}, listening: make(chan struct{}),
	}
	if err := c.open(context.Background()); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if c.description, err = openapiJSON(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.sessions = c.newSessions()
	c.handler = c.newHandler()
	return c, nil
}

// open opens the console's own part of the database.
func (c *Console) open(ctx context.Context) (err error) {
	c.db = c.deps.Database
	if c.db == nil {
		if c.db, err = OpenDatabase(ctx, c.config); err != nil {
			return err
		}
		c.ownsDB = true
	}
	if c.state, err = OpenState(ctx, c.config, c.db); err != nil {
		return err
	}
	key, err := c.state.Secret(ctx, "forms")
	if err != nil {
		return err
	}
	if err := c.openKeyed(ctx); err != nil {
		return err
	}
	c.state = c.state.WithClock(c.deps.Now)
	c.purge = c.state.Sessions(c.deps.Now, c.config.Session.Idle/20)
	c.forms = &forms{key: key, secure: c.config.secure()}
	if c.review, err = c.deps.Review(ctx, ReviewParts{Database: c.db, Audit: c.audit, Person: c.reviewer}); err != nil {
		return err
	}
	if err := c.openTuning(ctx); err != nil {
		return err
	}
	if err := c.openCoordinated(ctx); err != nil {
		return err
	}
	if err := c.openRetention(ctx); err != nil {
		return err
	}
	if err := c.openCases(ctx); err != nil {
		return err
	}
	return c.openCapture(ctx)
}

// openKeyed opens what needs the secret that is outside the database.
func (c *Console) openKeyed(ctx context.Context) error {
	secret, err := c.config.encryptionSecret()
	if err != nil {
		return err
	}
	key, err := keyFor(secret, "second factors")
	if err != nil {
		return err
	}
	if c.state, err = c.state.WithKey(key); err != nil {
		return err
	}
	c.audit, err = OpenAudit(ctx, c.config, c.db, audit.Options{Now: c.deps.Now, Logger: c.logger, Registerer: c.deps.Registerer})
	if err == nil && c.config.OIDC.on() {
		c.oidc = newProvider(c.config)
	}
	return err
}

// OpenAudit opens the audit log, for the parts that share the database and for
// the commands about it.
func OpenAudit(ctx context.Context, config Configuration, db *database.DB, options audit.Options) (*audit.Log, error) {
	secret, err := config.encryptionSecret()
	if err != nil {
		return nil, err
	}
	if options.Key, err = keyFor(secret, "addresses"); err != nil {
		return nil, err
	}
	return audit.New(ctx, db, options)
}

// OpenDatabase opens the database of the configuration, for the console, the
// review, the tuning and the commands about them.
func OpenDatabase(ctx context.Context, config Configuration) (*database.DB, error) {
	return database.Open(ctx, config.Database)
}

// OpenState opens the people's part of the database, for the commands that
// manage users.
func OpenState(ctx context.Context, config Configuration, db *database.DB) (*state.State, error) {
	return state.New(ctx, db, state.NewHasher(config.Login.HashMemoryKiB))
}

// Database is the console's open database.
func (c *Console) Database() *database.DB { return c.db }

// Audit is the log of who did what; Run seals what is recorded in it.
func (c *Console) Audit() *audit.Log { return c.audit }

// Bootstrap creates the user admin with a random password when there is no user
// yet. The password is returned this once, for the caller to print.
func (c *Console) Bootstrap(ctx context.Context) (user, password string, created bool, err error) {
	return c.state.Bootstrap(ctx, func(tx *database.Tx) error {
		return c.audit.Append(ctx, tx, audit.Event{By: access.Viewer{Name: byNetra}, Action: didAddUser, Subject: "user " + state.BootstrapUser, Detail: map[string]string{"role": string(access.Administrator)}})
	})
}

// AddUser creates a user.
func (c *Console) AddUser(ctx context.Context, user state.NewUser) error {
	_, err := c.state.AddUser(ctx, user, func(tx *database.Tx) error {
		return c.audit.Append(ctx, tx, audit.Event{By: access.Viewer{Name: byNetra}, Action: didAddUser, Subject: "user " + user.Name, Detail: map[string]string{"role": string(user.Role)}})
	})
	return err
}

// SetPassword gives a user a new password and ends the user's sessions.
func (c *Console) SetPassword(ctx context.Context, user, password string) error {
	return c.state.SetPassword(ctx, user, password, false, func(tx *database.Tx) error {
		return c.audit.Append(ctx, tx, audit.Event{By: access.Viewer{Name: byNetra}, Action: didPassword, Subject: "user " + user})
	})
}

// Handler returns the console's pages with everything around them.
func (c *Console) Handler() http.Handler { return c.handler }

// Close closes the console's database where the console opened it.
func (c *Console) Close() error {
	if c.db == nil || !c.ownsDB {
		return nil
	}
	return c.db.Close()
}

// Ready says why the console cannot answer its users, or nil.
func (c *Console) Ready(ctx context.Context) error {
	if err := c.state.Ping(ctx); err != nil {
		return err
	}
	if _, err := c.deps.Data.Totals(ctx); err != nil {
		return fmt.Errorf("ask for the flagged posts: %w", err)
	}
	return nil
}

// Address waits until Run listens and returns its address as a URL.
func (c *Console) Address(ctx context.Context) (string, error) {
	select {
	case <-c.listening:
		return c.address, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Run serves until ctx ends, then lets the requests under way finish. It may be
// called once.
func (c *Console) Run(ctx context.Context) error {
	listener, err := c.listen(ctx)
	if err != nil {
		return err
	}
	close(c.listening)
	c.logger.Info("console listens", "address", c.address)
	server := &http.Server{
		Handler: c.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(c.logger.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	background, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { c.purgeSessions(background) })
	beside.Go(func() { _ = c.audit.Run(background) }) // it logs what fails

	select {
	case err = <-served:
		err = fmt.Errorf("serve the console: %w", err)
	case <-ctx.Done():
		err = c.shutDown(server)
		<-served
	}
	stop()
	beside.Wait()
	return err
}

func (c *Console) listen(ctx context.Context) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for the console: %w", err)
	}
	c.address = "http://" + listener.Addr().String()
	if c.config.TLSCertificate == "" {
		return listener, nil
	}
	certificate, err := tls.LoadX509KeyPair(c.config.TLSCertificate, c.config.TLSKey)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the console's certificate: %w", err), listener.Close())
	}
	c.address = "https://" + listener.Addr().String()
	return tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}), nil
}

func (c *Console) shutDown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.config.ShutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stop the console: %w", err), server.Close())
	}
	return nil
}

func (c *Console) purgeSessions(ctx context.Context) {
	every := time.NewTicker(10 * time.Minute)
	defer every.Stop()
	for {
		if _, err := c.purge.Purge(ctx); err != nil && ctx.Err() == nil {
			c.metrics.errors.WithLabelValues("purge").Inc()
			c.logger.Error("expired sessions stay", "error", err)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}
