package monitor

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Register registers a collector, or returns the one of the same name and type
// that is registered already: so several parts of one process share a registry.
// A nil registry registers nothing.
func Register[C prometheus.Collector](registry prometheus.Registerer, collector C) C {
	if registry == nil {
		return collector
	}
	err := registry.Register(collector)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if existing, ok := already.ExistingCollector.(C); ok {
			return existing
		}
	}
	if err != nil {
		panic(err) // two different metrics of one name: a mistake of the caller
	}
	return collector
}

// Zero lets a counter begin at 0 for values of its only label, so that an alarm
// also sees its first increase: a series that appears with a value has none.
func Zero(counter *prometheus.CounterVec, values ...string) {
	for _, value := range values {
		counter.WithLabelValues(value)
	}
}

// RegisterBuild registers which version of the program a process is, so that
// one sees several of them at once.
func RegisterBuild(registry prometheus.Registerer, version string) {
	Register(registry, prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "netra_build_info", Help: "1 for the version of Netra that this process is.",
	}, []string{"version"})).WithLabelValues(version).Set(1)
}
