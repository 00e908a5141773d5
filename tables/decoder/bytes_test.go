package decoder_test

import (
	"context"
	"testing"
	"unicode/utf8"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tokenize"
)

// TestBytes: with a tokenizer of bytes texts of any script are answered, explained and loaded, and what a model says of
// bytes that make no character is text all the same.
func TestBytes(t *testing.T) {
	ctx := context.Background()
	table := &tables.Table{Title: "Städte", Header: []string{"Stadt", "Jahr"}, Rows: [][]string{{"Zürich", "1952"}, {"東京", "1964 | - <eos>"}}}
	tok, err := tokenize.TrainBPE(ctx, tokenize.Strings("Zürich Zürich Stadt Stadt Jahr Jahr 東京 東京"), tokenize.BPEOptions{Size: 300, Special: tables.MarkNames()})
	if err != nil {
		t.Fatal(err)
	}
	c := small("two-order", decoder.Served)
	m, err := decoder.New(c, tok, 1)
	if err != nil {
		t.Fatal(err)
	}
	questions := []decoder.Question{{Text: "Jahr von Zürich?", Answers: []string{"1952"}}, {Text: "Stadt 1964?", Answers: []string{"東京", "Zürich"}}}
	fit(t, m, []decoder.Item{{Table: table, Questions: questions}}, decoder.DataOptions{}, 60)
	dir := t.TempDir()
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	if m, err = decoder.Load(dir); err != nil {
		t.Fatal(err)
	}
	for _, q := range questions {
		a, err := m.Ask(ctx, table, q.Text, decoder.AskOptions{})
		if err != nil || len(a.Items) != len(q.Answers) || a.Items[0] != q.Answers[0] {
			t.Errorf("%s %+v, %v; want %q", q.Text, a, err, q.Answers)
		}
	}
	x, err := m.Explain(ctx, table, "京 年?", decoder.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range x.Tokens {
		if !utf8.ValidString(token.Text) {
			t.Errorf("the token %q is no text", token.Text)
		}
	}
	untrained, err := decoder.New(c, tok, 3)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := untrained.Ask(ctx, table, "?", decoder.AskOptions{MaxTokens: 30}); err != nil || !utf8.ValidString(a.Text) {
		t.Errorf("the answer %q, %v", a.Text, err)
	}
}
