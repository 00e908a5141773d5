package tokenize

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func marshalled(t testing.TB, tok Tokenizer) []byte {
	t.Helper()
	data, err := tok.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestFormat: what the files look like does not change.
func TestFormat(t *testing.T) {
	w, err := NewWords([]string{"a", "&", "-3"}, []string{"<bos>"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tok  Tokenizer
		want string
	}{
		{train(t, BPEOptions{Special: []string{"<bos>"}, DigitGroup: 3}, "aab aab"), `{"format":"graft-tokenizer","version":1,"kind":"bpe","special":["<bos>"],"digitGroup":3,"merges":[[97,97],[256,98]]}`},
		{train(t, BPEOptions{}, "a"), `{"format":"graft-tokenizer","version":1,"kind":"bpe","special":[],"digitGroup":1}`},
		{w, `{"format":"graft-tokenizer","version":1,"kind":"words","special":["<bos>","<unk>"],"words":["a","&","-3"]}`},
	} {
		if got := string(marshalled(t, c.tok)); got != c.want+"\n" {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestParse: a tokenizer comes back as it was.
func TestParse(t *testing.T) {
	text := synthetic(10_000)
	b := train(t, BPEOptions{Size: 600, Special: []string{"<bos>", "名"}, DigitGroup: 2}, text)
	for _, tok := range []Tokenizer{b, newTestWords(t)} {
		data := marshalled(t, tok)
		again, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.TypeOf(again) != reflect.TypeOf(tok) || again.Size() != tok.Size() {
			t.Errorf("a %T of %d came back as a %T of %d", tok, tok.Size(), again, again.Size())
		}
		if !slices.Equal(again.Append(nil, text), tok.Append(nil, text)) {
			t.Errorf("a %T came back with other tokens", tok)
		}
		if !bytes.Equal(marshalled(t, again), data) {
			t.Errorf("a %T came back as another file", tok)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const head = `{"format":"graft-tokenizer","version":1,"kind":"bpe","special":["<s>"],"digitGroup":1`
	const words = `{"format":"graft-tokenizer","version":1,"kind":"words","special":["<unk>"],`
	doubling := make([]string, 8) // the last would be of 256 bytes
	for i := range doubling {
		doubling[i] = fmt.Sprintf("[%d,%[1]d]", []int{97, 256, 257, 258, 259, 260, 261, 262}[i])
	}
	for _, c := range []struct{ data, want string }{
		{"", "want a JSON object"},
		{"[]", "want a JSON object"},
		{"{", "EOF"},
		{`{"a":1} x`, "follows"},
		{`{"a":1}{}`, "follows"},
		{`{"a":1,"a":2}`, `"a" stands twice`},
		{"{\"a\":\"\xff\"}", "not valid UTF-8"},
		{`{"a":1}`, `format is ""`},
		{`{"format":"other"}`, `format is "other"`},
		{`{"format":7}`, "cannot unmarshal"},
		{`{"format":"graft-tokenizer","version":2}`, "version is 2: this release reads version 1"},
		{`{"format":"graft-tokenizer","version":1,"kind":"unigram"}`, `kind is "unigram"`},
		{`{"format":"graft-tokenizer","version":1,"kind":"bpe","digitGroup":1}`, "special is missing"},
		{`{"format":"graft-tokenizer","version":1,"kind":"bpe","special":[]}`, "digitGroup is missing"},
		{head + `,"Merges":[]}`, `unexpected field "Merges"`},
		{head + `,"words":[]}`, `unexpected field "words"`},
		{head + `,"merges":[[97,98,99]]}`, "merge 0: want two tokens"},
		{head + `,"merges":[[97]]}`, "merge 0: want two tokens"},
		{head + `,"merges":[null]}`, "merge 0: want two tokens"},
		{head + `,"merges":[[97,null]]}`, "merge 0: want two tokens"},
		{head + `,"merges":[[97,1e9]]}`, "cannot unmarshal"},
		{head + `,"merges":[[97,256]]}`, "merge 0 of tokens 97 and 256: want two of the 256 tokens before it"},
		{head + `,"merges":[[97,98],[-1,97]]}`, "merge 1 of tokens -1 and 97"},
		{head + `,"merges":[[97,98],[98,97],[97,98]]}`, "merge 2 of tokens 97 and 98: the same merge"},
		{head + `,"merges":[` + strings.Join(doubling, ",") + `]}`, "merge 7 of tokens 262 and 262: it makes a token of 256 bytes"},
		{strings.Replace(head, `"digitGroup":1`, `"digitGroup":9`, 1) + "}", "digit group 9"},
		{strings.Replace(head, `"<s>"`, `null`, 1) + "}", "special token 0"},
		{strings.Replace(head, `"<s>"`, `"a","a"`, 1) + "}", "special token 1"},
		{words + `"words":[]}`, "there are no words"},
		{words + `"words":["a","a"]}`, "word 1"},
		{words + `"words":["<unk>"]}`, "name of a special token"},
		{words + `"words":["a"],"merges":[]}`, `unexpected field "merges"`},
		{strings.Replace(words, `"<unk>"`, "", 1) + `"words":["a"]}`, "no special token <unk>"},
		{"{" + manyFields() + "}", "more than"},
	} {
		tok, err := Parse([]byte(c.data))
		if err == nil || tok != nil || !strings.HasPrefix(err.Error(), "tokenize: Parse: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200s: got %v, %v; want an error with %q", c.data, tok, err, c.want)
		}
	}
}

func manyFields() string {
	var list []string
	for i := range 100 {
		list = append(list, fmt.Sprintf(`"f%d":0`, i))
	}
	return strings.Join(list, ",")
}

// FuzzParse: nothing panics, and what is read is written and read again as the same.
func FuzzParse(f *testing.F) {
	f.Add(marshalled(f, train(f, BPEOptions{Size: 300, Special: []string{"<bos>"}}, synthetic(2000))))
	f.Add(marshalled(f, newTestWords(f)))
	f.Add([]byte(`{"format":"graft-tokenizer","version":1,"kind":"bpe","special":[],"digitGroup":1,"merges":[[97,98],[256,256]]}`))
	f.Add([]byte(`{"format":"graft-tokenizer","version":1,"kind":"words","special":["<unk>"],"words":["a"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := Parse(data)
		if err != nil {
			return
		}
		written := marshalled(t, tok)
		again, err := Parse(written)
		if err != nil {
			t.Fatalf("%s is refused: %v", written, err)
		}
		if !bytes.Equal(marshalled(t, again), written) {
			t.Fatalf("%s comes back as another", written)
		}
		text := string(data)
		ids := tok.Append(nil, text)
		if back := tok.Decode(ids); reflect.TypeOf(tok) == reflect.TypeOf(&BPE{}) && back != text {
			t.Fatalf("%q comes back as %q", text, back)
		}
	})
}
