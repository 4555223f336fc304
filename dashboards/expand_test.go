package dashboards_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// view is what somebody chose in Grafana: the time range, the zone, the width of a
// piece of time, and values of the variables. A variable that is not there is "All".
type view struct {
	from, until time.Time
	zone        string // as ${__timezone} has it: utc, or a name such as Asia/Jakarta
	step        time.Duration
	chosen      map[string][]string
}

var (
	conditional = "$__conditionalAll("
	reference   = regexp.MustCompile(`\$\{(\w+)(?::(\w+))?\}|\$(\w+)`)
)

// expand does to a query what Grafana and the ClickHouse plugin's documentation say
// is done before it is sent: first $__conditionalAll, then the variables with their
// formats, then the macros of the plugin's backend. What it does not know is an
// error.
func (v view) expand(sql string) (string, error) {
	sql, err := v.conditionals(sql)
	if err != nil {
		return "", err
	}
	if sql, err = v.variables(sql); err != nil {
		return "", err
	}
	return sql, nil
}

// conditionals replaces $__conditionalAll(condition, $variable) by the condition, or
// by 1=1 where the variable is "All". As in the plugin, the arguments are parted by
// the commas that are in no parentheses, and the last macro of the text comes first.
func (v view) conditionals(sql string) (string, error) {
	for {
		at := strings.LastIndex(sql, conditional)
		if at < 0 {
			return sql, nil
		}
		arguments, end := argumentsOf(sql, at+len(conditional))
		if len(arguments) != 2 {
			return "", fmt.Errorf("%s has %d arguments; allowed: 2", sql[at:min(len(sql), at+80)], len(arguments))
		}
		name := strings.Trim(strings.TrimSpace(arguments[1]), "${}")
		condition := arguments[0]
		if len(v.chosen[name]) == 0 {
			condition = "1=1"
		}
		sql = sql[:at] + condition + sql[end:]
	}
}

// argumentsOf parts the arguments that begin at the place behind an opening
// parenthesis; end is behind the closing one.
func argumentsOf(sql string, begin int) (arguments []string, end int) {
	depth, last := 1, begin
	for i := begin; i < len(sql); i++ {
		switch sql[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 1 {
				arguments, last = append(arguments, sql[last:i]), i+1
			}
		}
		if depth == 0 {
			return append(arguments, sql[last:i]), i + 1
		}
	}
	return nil, len(sql)
}

// variables replaces variables of the dashboard, variables that Grafana brings, and
// the macros without arguments.
func (v view) variables(sql string) (string, error) {
	var wrong []string
	expanded := reference.ReplaceAllStringFunc(sql, func(found string) string {
		match := reference.FindStringSubmatch(found)
		value, err := v.value(match[1]+match[3], match[2])
		if err != nil {
			wrong = append(wrong, err.Error())
		}
		return value
	})
	if len(wrong) > 0 {
		return "", fmt.Errorf("%s", strings.Join(slices.Compact(wrong), "; "))
	}
	return expanded, nil
}

func (v view) value(name, format string) (string, error) {
	switch name {
	case "__timezone":
		return v.zone, nil
	case "__from":
		return fmt.Sprint(v.from.UnixMilli()), nil
	case "__to":
		return fmt.Sprint(v.until.UnixMilli()), nil
	case "__fromTime":
		return fmt.Sprintf("toDateTime(%d)", v.from.Unix()), nil
	case "__toTime":
		return fmt.Sprintf("toDateTime(%d)", v.until.Unix()), nil
	case "__interval_s":
		return fmt.Sprint(max(1, int(v.step.Seconds()))), nil
	}
	values := v.chosen[name]
	switch {
	case len(values) == 0:
		return "", fmt.Errorf("variable %q is used outside of $__conditionalAll, where it can be All", name)
	case format != "singlequote":
		return "", fmt.Errorf("variable %q has format %q; allowed: singlequote", name, format)
	}
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = "'" + strings.ReplaceAll(value, "'", `\'`) + "'"
	}
	return strings.Join(quoted, ","), nil
}

func TestTheExpanderDoesAsThePluginSays(t *testing.T) {
	at := time.Unix(1415792726, 123e6)
	v := view{from: at, until: at.Add(time.Hour), zone: "Asia/Jayapura", step: 20 * time.Second, chosen: map[string][]string{"a": {"x", "it's"}}}
	for name, test := range map[string]struct{ in, want string }{
		"one chosen":       {"$__conditionalAll(f(1, 2) IN (${a:singlequote}), $a)", `f(1, 2) IN ('x','it\'s')`},
		"all":              {"WHERE $__conditionalAll(b IN (${b:singlequote}), $b) AND 1", "WHERE 1=1 AND 1"},
		"two":              {"$__conditionalAll(a, $b) OR $__conditionalAll(c, ${a})", "1=1 OR c"},
		"times":            {"$__fromTime, $__toTime", "toDateTime(1415792726), toDateTime(1415796326)"},
		"milliseconds":     {"${__from} ${__to}", "1415792726123 1415796326123"},
		"interval, zone":   {"$__interval_s '${__timezone}'", "20 'Asia/Jayapura'"},
		"all, not guarded": {"x IN (${b:singlequote})", "error"},
		"not quoted":       {"x = $a", "error"},
		"unknown macro":    {"$__timeGroup(x, 1h)", "error"},
		"one argument":     {"$__conditionalAll(x)", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.expand(test.in)
			if err != nil {
				got = "error"
			}
			if got != test.want {
				t.Errorf("got %q (%v), want %q", got, err, test.want)
			}
		})
	}
}
