package telegram

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/netra-id/netra/pipeline/collect/markup"
)

// attribute returns a node's attribute, empty where it has none.
func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	return n.Type == html.ElementNode && slices.Contains(strings.Fields(attribute(n, "class")), class)
}

// find returns the first node of the class in or below n, nil where there is
// none. It does not look into nodes of the classes in without.
func find(n *html.Node, class string, without ...string) *html.Node {
	if hasClass(n, class) {
		return n
	}
	for _, skipped := range without {
		if hasClass(n, skipped) {
			return nil
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if found := find(child, class, without...); found != nil {
			return found
		}
	}
	return nil
}

// all calls visit for every element in and below n.
func all(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		all(child, visit)
	}
}

// read returns the words in and below n; n may be nil.
func read(n *html.Node) markup.Content {
	if n == nil {
		return markup.Content{}
	}
	var b strings.Builder
	if err := html.Render(&b, n); err != nil {
		return markup.Content{}
	}
	return markup.Read(b.String())
}

var background = regexp.MustCompile(`background-image:\s*url\(\s*['"]?([^'")]+)`)

// backgroundOf returns the address of an element's background image.
func backgroundOf(n *html.Node) string {
	if match := background.FindStringSubmatch(attribute(n, "style")); match != nil {
		return match[1]
	}
	return ""
}
