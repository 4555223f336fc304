package monitor

import (
	"os"
	"slices"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
)

// disks tell of the file systems that a process writes to, at every scrape.
type disks struct {
	paths      []string
	free, size *prometheus.Desc
}

// RegisterDisks registers metrics of the file systems on which the folders are.
// A folder that is not there yet is looked at again at the next scrape; several
// on one file system are told once, by the first of them.
func RegisterDisks(registerer prometheus.Registerer, paths ...string) {
	_ = Register(registerer, &disks{
		paths: slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return path == "" }),
		free: prometheus.NewDesc("netra_disk_free_bytes",
			"Bytes that this process can still write to the file system of the folder.", []string{"path"}, nil),
		size: prometheus.NewDesc("netra_disk_size_bytes",
			"Size of the file system of the folder.", []string{"path"}, nil),
	})
}

// Describe implements prometheus.Collector.
func (d *disks) Describe(to chan<- *prometheus.Desc) {
	to <- d.free
	to <- d.size
}

// Collect implements prometheus.Collector.
func (d *disks) Collect(to chan<- prometheus.Metric) {
	var told []uint64
	for _, path := range d.paths {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		var fs syscall.Statfs_t
		if err := syscall.Statfs(path, &fs); err != nil {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			device := uint64(stat.Dev) //nolint:unconvert,nolintlint // it is another type on other systems
			if slices.Contains(told, device) {
				continue
			}
			told = append(told, device)
		}
		block := float64(fs.Bsize)
		to <- prometheus.MustNewConstMetric(d.free, prometheus.GaugeValue, float64(fs.Bavail)*block, path)
		to <- prometheus.MustNewConstMetric(d.size, prometheus.GaugeValue, float64(fs.Blocks)*block, path)
	}
}
