package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/collect/sources"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/strict"
)

// places tells where a key was set: in a line of the file or by a variable.
type places struct {
	document  *strict.Document
	variables map[string]string // key -> variable
}

// of names the place where key, or a part of it, was set.
func (p places) of(key string) string {
	for _, set := range slices.Sorted(maps.Keys(p.variables)) {
		if key == set || strings.HasPrefix(key, set+"[") || strings.HasPrefix(key, set+".") {
			return "environment variable " + p.variables[set]
		}
	}
	if p.document.File == "" {
		return "configuration"
	}
	return fmt.Sprintf("%s:%d", p.document.File, p.document.Line(key))
}

// keyFirst is how the sections' errors begin.
var keyFirst = regexp.MustCompile(`^key "?([a-z0-9_.\[\]]+)"?: `)

// locate puts its place before an error of a section, and the section before
// its key.
func (p places) locate(section string, err error) error {
	found := keyFirst.FindStringSubmatch(err.Error())
	if found == nil {
		return fmt.Errorf("%s: %s: %w", p.of(section), section, err)
	}
	key, rest := found[1], err.Error()[len(found[0]):]
	if section != "" && key != section && !strings.HasPrefix(key, section+".") && !strings.HasPrefix(key, section+"[") {
		key = section + "." + key
	}
	return fmt.Errorf("%s: key %q: %s", p.of(key), key, rest)
}

// validate checks every section.
func (c Configuration) validate(p places) error {
	var errs []error
	section := func(name string, err error) {
		for _, err := range flatten(err) {
			errs = append(errs, p.locate(name, err))
		}
	}
	section("", c.validateTop())
	section("kafka", c.validateKafka())
	section("clickhouse", c.validateClickHouse())
	section("roster", c.Roster.Validate())
	section("collect", c.Collect.Validate("collect"))
	section("collect", sources.Validate("collect.sources", c.Collect.Sources))
	section("capture", c.Capture.Validate())
	section("worker", c.Worker.Validate())
	section("review", c.Review.Validate())
	section("coordinated", c.Coordinated.Validate())
	section("retention", c.Retention.Validate())
	section("evidence.capture", c.Evidence.Capture.Validate())
	section("evidence.seal", c.Evidence.Seal.Validate())
	section("evidence.report", c.Evidence.Report.Validate())
	section("cases", c.Cases.Validate())
	section("console", c.validateConsole())
	section("monitor", c.Monitor.Validate())
	section("classify", c.Classify.validate())
	section("tuning", c.Tuning.Validate())
	section("log", c.Log.validate())
	return errors.Join(errs...)
}

func (c Configuration) validateTop() error {
	var errs []error
	if strings.TrimSpace(c.DataDir) == "" {
		errs = append(errs, &post.FieldError{Key: "data_dir", Value: "missing", Allowed: "a folder"})
	}
	for _, key := range hiddenKeys(reflect.ValueOf(&c).Elem()) {
		errs = append(errs, &post.FieldError{
			Key: key, Value: hidden, Allowed: "the secret itself, which a dump hides; " + variable(key) + " can hold it",
		})
	}
	return errors.Join(errs...)
}

// validateKafka checks all but the brokers where the embedded one is meant.
func (c Configuration) validateKafka() error {
	if c.EmbeddedBroker() {
		c.Kafka.Brokers = []string{"127.0.0.1:9092"}
	}
	return c.Kafka.Validate()
}

// validateClickHouse checks all but the address where the embedded engine is
// meant.
func (c Configuration) validateClickHouse() error {
	if c.EmbeddedEngine() {
		c.ClickHouse.Address = "http://127.0.0.1:8123"
	}
	return c.ClickHouse.Validate()
}

// validateConsole checks all but the database where it is in the data directory.
func (c Configuration) validateConsole() error {
	if c.Console.Database == "" {
		c.Console.Database = c.Path("console.db")
	}
	return c.Console.Validate()
}

func (c Classify) validate() error {
	var errs []error
	for _, label := range slices.Sorted(maps.Keys(c.Thresholds)) {
		key, threshold := "thresholds."+string(label), c.Thresholds[label]
		if !slices.Contains(post.Labels, label) {
			errs = append(errs, &post.FieldError{Key: key, Value: fmt.Sprint(threshold), Allowed: "the labels " + strings.Join(post.LabelNames(), ", ")})
		}
		if !(threshold > 0 && threshold <= 1) { // also false of NaN
			errs = append(errs, &post.FieldError{Key: key, Value: fmt.Sprint(threshold), Allowed: "more than 0, at most 1"})
		}
	}
	return errors.Join(errs...)
}

func (l Log) validate() error {
	var errs []error
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, l.Level) {
		errs = append(errs, &post.FieldError{Key: "level", Value: fmt.Sprintf("%q", l.Level), Allowed: "debug, info, warn, error"})
	}
	if l.Format != "text" && l.Format != "json" {
		errs = append(errs, &post.FieldError{Key: "format", Value: fmt.Sprintf("%q", l.Format), Allowed: "text, json"})
	}
	return errors.Join(errs...)
}
