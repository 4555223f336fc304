package enginehttp

import "strings"

// kind says on which way a statement must be run.
type kind int

const (
	// The zero kind is DDL, SET, SYSTEM and everything that returns at most a
	// small answer.
	_ kind = iota
	// kindSelect can be streamed block by block.
	kindSelect
	// kindInsertData is an INSERT whose rows follow as data (FORMAT, VALUES).
	kindInsertData
	// kindInsertSelect is an INSERT whose rows come from a SELECT.
	kindInsertSelect
)

// statement is what the server must know of a statement before it hands it to
// the engine. It does not check the statement: that is the engine's.
type statement struct {
	kind kind
	// format is the name in the FORMAT clause, empty where there is none.
	format string
	// text is the statement without its FORMAT clause, VALUES and data.
	text string
	// data are the rows that follow an INSERT in the same text.
	data string
	// file is set where the statement reads or writes a file of the server
	// by INFILE or OUTFILE, input where it selects from input().
	file, input bool
	// multiple is set where another statement follows behind a semicolon.
	multiple bool
}

// words that cannot be the name of a format where FORMAT is the name of a column.
var notFormats = map[string]bool{"ASC": true, "DESC": true, "NULLS": true, "AS": true, "FROM": true, "WHERE": true,
	"GROUP": true, "ORDER": true, "LIMIT": true, "UNION": true, "AND": true, "OR": true, "SETTINGS": true, "COLLATE": true,
	"IN": true, "IS": true, "LIKE": true, "BETWEEN": true, "NOT": true, "THEN": true, "END": true, "ELSE": true}

// words after which FORMAT is the name of a column and not a clause.
var expectsExpression = map[string]bool{"SELECT": true, "DISTINCT": true, "BY": true, "AS": true, "WHERE": true,
	"PREWHERE": true, "HAVING": true, "AND": true, "OR": true, "NOT": true, "ON": true, "IN": true, "LIKE": true,
	"BETWEEN": true, "WHEN": true, "THEN": true, "ELSE": true, "FROM": true, "JOIN": true, "WITH": true, "USING": true}

// parse finds out the kind of a statement and takes its FORMAT clause off.
func parse(sql string) statement {
	tokens := lex(sql)
	s := parseTokens(sql, tokens)
	if s.kind != kindInsertData {
		for i := range max(len(tokens)-1, 0) {
			s.multiple = s.multiple || tokens[i].text == ";" && tokens[i+1].text != ";"
		}
	}
	return s
}

func parseTokens(sql string, tokens []token) statement {
	first := 0
	for first < len(tokens) && tokens[first].text == "(" {
		first++
	}
	if first == len(tokens) {
		return statement{text: sql}
	}
	switch tokens[first].word {
	case "INSERT":
		return parseInsert(sql, tokens)
	case "SELECT", "WITH", "FROM":
		s := cutFormat(sql, tokens)
		s.kind = kindSelect
		if insert := indexOf(tokens, "INSERT"); tokens[first].word == "WITH" && insert >= 0 && !hasBefore(tokens, insert, "SELECT") {
			return statement{kind: kindInsertSelect, text: sql, file: s.file, input: s.input}
		}
		return s
	case "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK", "KILL":
		return cutFormat(sql, tokens)
	}
	return statement{text: sql, file: usesFile(tokens)}
}

// reads says whether the statement begins as one that only reads. ClickHouse's
// readonly leaves SYSTEM and KILL alone.
func reads(sql string) bool {
	for _, t := range lex(sql) {
		switch t.word {
		case "SELECT", "WITH", "FROM", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS":
			return true
		case "":
			if t.text == "(" {
				continue
			}
		}
		return false
	}
	return false
}

// cutFormat takes a trailing FORMAT clause off a statement that returns rows.
func cutFormat(sql string, tokens []token) statement {
	s := statement{text: sql, file: usesFile(tokens)}
	for i := len(tokens) - 2; i > 0; i-- {
		t, name := tokens[i], tokens[i+1]
		if t.word != "FORMAT" || t.depth != 0 || name.word == "" || notFormats[name.word] {
			continue
		}
		if before := tokens[i-1]; expectsExpression[before.word] || before.operator() {
			continue
		}
		after := len(sql)
		if i+2 < len(tokens) {
			if next := tokens[i+2]; next.word != "SETTINGS" && next.text != ";" {
				continue
			}
			after = tokens[i+2].start
		}
		s.format = sql[name.start:name.end]
		s.text = strings.TrimRight(sql[:t.start]+sql[after:], "; \t\r\n")
		break
	}
	return s
}

// parseInsert splits an INSERT into its head, its format and its data.
func parseInsert(sql string, tokens []token) statement {
	for i := 1; i < len(tokens); i++ {
		t := tokens[i]
		if t.depth != 0 {
			continue
		}
		switch t.word {
		case "FORMAT":
			if i+1 < len(tokens) && tokens[i+1].word != "" {
				name := tokens[i+1]
				return statement{kind: kindInsertData, format: sql[name.start:name.end], text: sql[:t.start],
					data: afterFormat(sql[name.end:])}
			}
		case "VALUES":
			// A table can be called values; it then stands behind INTO.
			if before := tokens[i-1].word; before != "INTO" && before != "TABLE" && tokens[i-1].text != "." {
				return statement{kind: kindInsertData, format: "Values", text: sql[:t.start], data: sql[t.end:]}
			}
		case "SELECT", "WITH":
			rest := tokens[i:]
			return statement{kind: kindInsertSelect, text: sql, file: usesFile(tokens), input: callsInput(rest)}
		case "INFILE":
			return statement{kind: kindInsertSelect, text: sql, file: true}
		}
	}
	if selectsInParentheses(tokens) {
		return statement{kind: kindInsertSelect, text: sql, file: usesFile(tokens), input: callsInput(tokens)}
	}
	return statement{kind: kindInsertData, format: "Values", text: sql}
}

// afterFormat is the data behind "FORMAT Name": it begins behind the first
// newline if only blanks stand before it, else behind the blanks.
func afterFormat(rest string) string {
	trimmed := strings.TrimLeft(rest, " \t\r")
	return strings.TrimPrefix(trimmed, "\n")
}

func usesFile(tokens []token) bool {
	for i := 1; i < len(tokens); i++ {
		if (tokens[i].word == "OUTFILE" && tokens[i-1].word == "INTO") || (tokens[i].word == "INFILE" && tokens[i-1].word == "FROM") {
			return true
		}
	}
	return false
}

func callsInput(tokens []token) bool {
	for i := 0; i+1 < len(tokens); i++ {
		if tokens[i].word == "INPUT" && tokens[i+1].text == "(" {
			return true
		}
	}
	return false
}

// selectsInParentheses tells "INSERT INTO t (SELECT …)" from a list of columns
// in which one is called select.
func selectsInParentheses(tokens []token) bool {
	for i := 1; i+1 < len(tokens); i++ {
		if tokens[i].word == "SELECT" && tokens[i-1].text == "(" && tokens[i+1].text != ")" && tokens[i+1].text != "," {
			return true
		}
	}
	return false
}

func indexOf(tokens []token, word string) int {
	for i, t := range tokens {
		if t.word == word && t.depth == 0 {
			return i
		}
	}
	return -1
}

func hasBefore(tokens []token, end int, word string) bool {
	at := indexOf(tokens, word)
	return at >= 0 && at < end
}
