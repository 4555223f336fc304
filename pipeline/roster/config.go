package roster

import (
	"fmt"
	"time"
)

// Configuration is the roster's part of the configuration file.
type Configuration struct {
	// ReloadInterval is how often a Holder asks whether there was an import.
	ReloadInterval time.Duration `yaml:"reload_interval"`
	// HashKey is the secret with which NIP and NIK are hashed at import, at least
	// MinKeyBytes long. With another key the same person gets another id.
	HashKey string `yaml:"hash_key"`
	// RegionFiles are CSV files (code,name) with more regions than the provinces.
	RegionFiles []string `yaml:"region_files"`
}

// DefaultConfiguration looks for an import every 30 seconds. It has no key:
// everyone must make one.
func DefaultConfiguration() Configuration {
	return Configuration{ReloadInterval: 30 * time.Second}
}

// Validate says which key has a value that is not allowed.
func (c *Configuration) Validate() error {
	if c.ReloadInterval < time.Second {
		return fmt.Errorf("key \"reload_interval\": value %s; allowed: 1s or more", c.ReloadInterval)
	}
	if c.HashKey != "" && len(c.HashKey) < MinKeyBytes {
		return fmt.Errorf("key \"hash_key\": value of %d bytes (not shown); allowed: %d bytes or more", len(c.HashKey), MinKeyBytes)
	}
	return nil
}
