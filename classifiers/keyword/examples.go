package keyword

import "fmt"

// Judge says whether a rule holds in a text, by the whole classifier: with
// contestants, negation and whatever else Evaluate needs. Why says in words what
// it rests on, or why it does not hold.
type Judge func(rule *Rule, text string) (holds bool, why string)

// Failure is one example that does not turn out as its rule says.
type Failure struct {
	Rule    *Rule
	Example Example
	// Flags is true where the example is one that must flag.
	Flags bool
	Why   string
}

// String writes the failure as compilers do.
func (f Failure) String() string {
	want := "must not flag, but does"
	if f.Flags {
		want = "must flag, but does not"
	}
	message := fmt.Sprintf("%s:%d: rule %s: example %q %s", f.Rule.List.File, f.Example.Line, f.Rule.Source(), f.Example.Text, want)
	if f.Why != "" {
		message += ": " + f.Why
	}
	return message
}

// Test runs every example of every rule and returns how many there are and
// those that fail.
func Test(set *Set, judge Judge) (examples int, failures []Failure) {
	for _, rule := range set.Rules() {
		for _, example := range rule.Flags {
			examples++
			if holds, why := judge(rule, example.Text); !holds {
				failures = append(failures, Failure{rule, example, true, why})
			}
		}
		for _, example := range rule.Passes {
			examples++
			if holds, why := judge(rule, example.Text); holds {
				failures = append(failures, Failure{rule, example, false, why})
			}
		}
	}
	return examples, failures
}
