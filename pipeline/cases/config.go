package cases

import (
	"fmt"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/strict"
)

// Configuration of the cases.
type Configuration struct {
	// Days is within how many days after the day on which a person first knew of
	// a post the finding must be registered: seven by law. The last day counts to
	// its end in the time zone of the case's region.
	Days int `yaml:"days"`
	// WorkingDays counts Monday to Friday only, without the Holidays. The law's
	// seven days are calendar days.
	WorkingDays bool          `yaml:"working_days"`
	Holidays    []strict.Date `yaml:"holidays"`
	// Pressing is with how many days left a case is shown as pressing.
	Pressing int `yaml:"pressing"`
	// Receivers are the agencies that a case can be handed over to, the usual one
	// first.
	Receivers []string `yaml:"receivers"`
	// Posts bounds how many posts a case may have.
	Posts int `yaml:"posts"`
}

// DefaultConfiguration counts the days of the law. Since the KASN was dissolved,
// neutrality cases go to the BKN; the others receive what is not theirs alone.
func DefaultConfiguration() Configuration {
	return Configuration{
		Days:     7,
		Pressing: 2,
		Receivers: []string{
			"Badan Kepegawaian Negara (BKN)", "Bawaslu RI", "Bawaslu Provinsi", "Bawaslu Kabupaten/Kota", "Sentra Gakkumdu",
			"Pejabat Pembina Kepegawaian (PPK)", "Kementerian PANRB", "Kementerian Dalam Negeri",
		},
		Posts: 500,
	}
}

// Validate says which key has a value that is not allowed.
func (c *Configuration) Validate() error {
	for _, n := range []struct {
		key                string
		value, from, until int
	}{{"days", c.Days, 1, 366}, {"pressing", c.Pressing, 0, 366}, {"posts", c.Posts, 1, 5000}} {
		if n.value < n.from || n.value > n.until {
			return fmt.Errorf("key %q: value %d; allowed: %d to %d", n.key, n.value, n.from, n.until)
		}
	}
	if len(c.Receivers) == 0 {
		return fmt.Errorf("key %q: value %v; allowed: at least one agency", "receivers", c.Receivers)
	}
	for i, name := range c.Receivers {
		if strings.TrimSpace(name) != name || name == "" || len(name) > mostLine || slices.Contains(c.Receivers[:i], name) {
			return fmt.Errorf("key %q: value %q; allowed: names of agencies, each once", "receivers", name)
		}
	}
	return nil
}
