package health

// Configuration is from when on something is an alarm.
type Configuration struct {
	// Days is how many days the report has, and how long a rule must not match to
	// be told; PastDays how many of them the last one is compared with.
	Days, PastDays int
	// Weeks is how many weeks of precision are shown.
	Weeks int
	// Alpha is the chance that any rule of a report is told of a change although no
	// rate has changed; Times by how much a rate must change at least.
	Alpha, Times float64
	// LeastDays is how many days of the past must have posts before rates are
	// compared.
	LeastDays int
	// LeastDismissed is how many decisions, none of them a confirmation, make an
	// alarm.
	LeastDismissed int
}

// DefaultConfiguration compares a day with the two weeks before.
func DefaultConfiguration() Configuration {
	return Configuration{Days: 30, PastDays: 14, Weeks: 8, Alpha: 0.01, Times: 2, LeastDays: 3, LeastDismissed: 10}
}
