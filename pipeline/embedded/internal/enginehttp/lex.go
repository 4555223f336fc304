package enginehttp

import "strings"

// token is a word, a quoted name or string, or one other character of a
// statement; blanks and comments are no tokens.
type token struct {
	text       string
	word       string // upper case, only of a bare word
	start, end int
	depth      int // how many parentheses and brackets are open around it
}

// operator says that an expression must follow the token.
func (t token) operator() bool {
	return len(t.text) == 1 && strings.ContainsAny(t.text, ",=<>+-*/%([{?:|!.")
}

// maxTokens bounds the work on a statement with much inline data: what
// decides on its kind stands at its beginning.
const maxTokens = 100_000

// lex splits a statement into tokens by ClickHouse's rules for quotes,
// comments and heredocs. What is not closed reaches to the end.
func lex(sql string) []token {
	var tokens []token
	depth := 0
	for at := 0; at < len(sql) && len(tokens) < maxTokens; {
		c := sql[at]
		if end := skipBlank(sql, at); end > at {
			at = end
			continue
		}
		t := token{start: at, depth: depth}
		switch {
		case c == '\'' || c == '"' || c == '`':
			t.end = quoted(sql, at, c)
		case c == '$' && heredoc(sql, at) > at:
			t.end = heredoc(sql, at)
		case wordCharacter(c):
			t.end = at + 1
			for t.end < len(sql) && wordCharacter(sql[t.end]) {
				t.end++
			}
			t.word = strings.ToUpper(sql[at:t.end])
		default:
			t.end = at + 1
			switch c {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth = max(depth-1, 0)
				t.depth = depth
			}
		}
		t.text = sql[t.start:t.end]
		tokens = append(tokens, t)
		at = t.end
	}
	return tokens
}

// skipBlank returns the end of the blank or comment at the position, or the
// position itself.
func skipBlank(sql string, at int) int {
	rest := sql[at:]
	switch {
	case strings.IndexByte(" \t\r\n\f\v\x00", rest[0]) >= 0:
		return at + 1
	case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
		if newline := strings.IndexByte(rest, '\n'); newline >= 0 {
			return at + newline + 1
		}
		return len(sql)
	case strings.HasPrefix(rest, "/*"):
		if end := strings.Index(rest[2:], "*/"); end >= 0 {
			return at + 2 + end + 2
		}
		return len(sql)
	}
	return at
}

// quoted returns the end of the quoted text that begins at the position; a
// quote inside is doubled or stands behind a backslash.
func quoted(sql string, at int, quote byte) int {
	for i := at + 1; i < len(sql); i++ {
		switch sql[i] {
		case '\\':
			i++
		case quote:
			if i+1 < len(sql) && sql[i+1] == quote {
				i++
				continue
			}
			return i + 1
		}
	}
	return len(sql)
}

// heredoc returns the end of a $tag$ … $tag$ string, or the position itself.
func heredoc(sql string, at int) int {
	end := at + 1
	for end < len(sql) && wordCharacter(sql[end]) {
		end++
	}
	if end == len(sql) || sql[end] != '$' {
		return at
	}
	tag := sql[at : end+1]
	if closing := strings.Index(sql[end+1:], tag); closing >= 0 {
		return end + 1 + closing + len(tag)
	}
	return at
}

func wordCharacter(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
