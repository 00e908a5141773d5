package recipes

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// entry is a key of a YAML mapping with its value.
type entry struct {
	key   string
	node  ast.Node // the key's
	value ast.Node
}

// topLevel gives the entries of a YAML text that is one mapping, or is empty.
func topLevel(data []byte) ([]entry, *ParseError) {
	file, bad := parseYAML(data)
	if bad != nil {
		return nil, bad
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
			continue
		case body != nil:
			return nil, wrong(doc.Body, "a second document", "write one configuration a file")
		}
		body = doc.Body
	}
	switch body := body.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil, nil
	case ast.MapNode:
		return entriesOf(body)
	}
	return nil, wrong(body, kindOf(body)+" where settings were expected", `write settings as "key: value"`)
}

// parseYAML guards against panics of the parser: its input comes from outside.
func parseYAML(data []byte) (file *ast.File, bad *ParseError) {
	defer func() {
		if p := recover(); p != nil {
			file, bad = nil, &ParseError{Reason: fmt.Sprintf("not YAML: %v", p)}
		}
	}()
	if i := slices.IndexFunc(data, func(b byte) bool { return b < ' ' && b != '\n' && b != '\r' && b != '\t' }); i >= 0 {
		return nil, &ParseError{Reason: fmt.Sprintf("byte %d is the control character %#02x", i, data[i]), Hint: "this is not a text file"}
	}
	openings := 0
	for _, opening := range []string{"[", "{", "- ", "-\n", "-\t", "-\r", "? ", "?\n", "?\t", "?\r"} {
		openings += bytes.Count(data, []byte(opening))
	}
	if openings > maxOpenings {
		return nil, &ParseError{Reason: fmt.Sprintf("%d lists and brackets", openings), Hint: "this is not a configuration file"}
	}
	file, err := parser.ParseBytes(data, 0)
	if err == nil {
		return file, nil
	}
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil {
		p := syntax.Token.Position
		return nil, &ParseError{Line: p.Line, Column: p.Column, Reason: "not YAML: " + syntax.Message}
	}
	return nil, &ParseError{Reason: "not YAML", Err: err}
}

// entriesOf lists a mapping's entries. Keys must be plain names, each once.
func entriesOf(m ast.MapNode) ([]entry, *ParseError) {
	var list []entry
	seen := map[string]bool{}
	for it := m.MapRange(); it.Next(); {
		var e entry
		key, ok := it.Key().(*ast.StringNode)
		if !ok {
			return nil, wrong(it.Key(), kindOf(it.Key())+" where the name of a setting was expected", "")
		}
		if e = (entry{key.Value, key, it.Value()}); seen[e.key] {
			return nil, wrong(key, fmt.Sprintf("the key %q comes twice", clip(e.key)), "")
		}
		seen[e.key] = true
		list = append(list, e)
	}
	return list, nil
}

// scalar gives the text of a value and whether it stands in quotes.
func scalar(node ast.Node) (value string, quoted bool, bad *ParseError) {
	switch n := node.(type) {
	case *ast.StringNode:
		t := n.GetToken().Type
		return n.Value, t == token.SingleQuoteType || t == token.DoubleQuoteType, nil
	case *ast.LiteralNode:
		return n.Value.Value, true, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, false, nil
	}
	return "", false, wrong(node, kindOf(node)+" where one value was expected", "")
}

// kindOf names what a node is, for messages.
func kindOf(node ast.Node) string {
	switch node.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case ast.MapNode:
		return "a section"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode, *ast.MappingKeyNode, *ast.DirectiveNode:
		return "an anchor, alias, tag or other special form, which configurations do not have,"
	}
	return "a value"
}

// wrong is an error at a node.
func wrong(node ast.Node, reason, hint string) *ParseError {
	e := &ParseError{Reason: reason, Hint: hint}
	if node != nil && node.GetToken() != nil && node.GetToken().Position != nil {
		p := node.GetToken().Position
		e.Line, e.Column = p.Line, p.Column
	}
	return e
}
