package queue_test

import (
	"github.com/prometheus/client_golang/prometheus"
)

// total adds up all series of a counter or gauge.
func total(registry *prometheus.Registry, name string) float64 {
	families, err := registry.Gather()
	if err != nil {
		return -1
	}
	sum := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return sum
}

func ended(registry *prometheus.Registry) float64 {
	return total(registry, "netra_queue_generations_ended_total")
}
