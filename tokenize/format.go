package tokenize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// What the files say they are.
const (
	format    = "graft-tokenizer"
	version   = 1
	kindBPE   = "bpe"
	kindWords = "words"
)

// fields are those of the files of either kind, in the order in which they are written.
type fields struct {
	Format     string     `json:"format"`
	Version    int        `json:"version"`
	Kind       string     `json:"kind"`
	Special    []string   `json:"special"`
	DigitGroup int        `json:"digitGroup,omitempty"`
	Merges     [][]*int32 `json:"merges,omitempty"` // pairs of tokens counted without the special ones: the bytes, then the merges
	Words      []string   `json:"words,omitempty"`
}

// Marshal returns the tokenizer as JSON that [Parse] reads. There is no error.
func (b *BPE) Marshal() ([]byte, error) {
	f := fields{Kind: kindBPE, Special: b.specials, DigitGroup: b.group, Merges: make([][]*int32, len(b.merges))}
	for i := range b.merges {
		f.Merges[i] = []*int32{&b.merges[i][0], &b.merges[i][1]}
	}
	return f.marshal()
}

// Marshal returns the tokenizer as JSON that [Parse] reads. There is no error.
func (w *Words) Marshal() ([]byte, error) {
	return fields{Kind: kindWords, Special: w.specials, Words: w.words}.marshal()
}

func (f fields) marshal() ([]byte, error) {
	f.Format, f.Version = format, version
	f.Special = append([]string{}, f.Special...) // not null
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // special tokens like <bos> are to be read by people
	if err := enc.Encode(f); err != nil {
		return nil, fmt.Errorf("tokenize: Marshal: %w", err)
	}
	return out.Bytes(), nil
}

// Parse reads what Marshal of either kind of tokenizer wrote. The error says what is wrong: a field that is missing, there
// twice or none of the kind's, a version that is not known, a merge of tokens that are not there yet or the same as one
// before it, a word or special token that [NewWords] would refuse.
func Parse(data []byte) (Tokenizer, error) {
	t, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("tokenize: Parse: %w", err)
	}
	return t, nil
}

func parse(data []byte) (Tokenizer, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("it is not valid UTF-8: want a tokenizer as Marshal writes it")
	}
	present, err := keys(data)
	if err != nil {
		return nil, err
	}
	var f fields
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if f.Format != format {
		return nil, fmt.Errorf("format is %.40q: want %q", f.Format, format)
	}
	if f.Version != version {
		return nil, fmt.Errorf("version is %d: this release reads version %d", f.Version, version)
	}
	want := []string{"format", "version", "kind", "special"}
	switch f.Kind {
	case kindBPE:
		want = append(want, "digitGroup", "merges")
	case kindWords:
		want = append(want, "words")
	default:
		return nil, fmt.Errorf("kind is %.40q: want %q or %q", f.Kind, kindBPE, kindWords)
	}
	for _, name := range present {
		if !slices.Contains(want, name) {
			return nil, fmt.Errorf("unexpected field %.40q: a tokenizer of kind %s has %s", name, f.Kind, strings.Join(want, ", "))
		}
	}
	for _, name := range want {
		if !slices.Contains(present, name) && name != "merges" { // there may be none
			return nil, fmt.Errorf("%s is missing", name)
		}
	}
	if f.Kind == kindWords {
		w, err := newWords(f.Words, f.Special)
		if err != nil {
			return nil, err
		}
		return w, nil
	}
	merges := make([][2]int32, len(f.Merges))
	for i, m := range f.Merges {
		if len(m) != 2 || m[0] == nil || m[1] == nil {
			return nil, fmt.Errorf("merge %d: want two tokens, such as [104,105]", i)
		}
		merges[i] = [2]int32{*m[0], *m[1]}
	}
	b, err := newBPE(f.Special, f.DigitGroup, merges)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// keys returns the names of the fields of a JSON object, each of which may stand there once, with nothing after it.
func keys(data []byte) ([]string, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	t, err := dec.Token()
	if err != nil || t != json.Delim('{') {
		return nil, errors.New("want a JSON object, a tokenizer as Marshal writes it")
	}
	var names []string
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name := t.(string) // the decoder lets nothing else stand here
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("field %.40q stands twice", name)
		}
		if len(names) == maxFields {
			return nil, fmt.Errorf("more than %d fields: want a tokenizer as Marshal writes it", maxFields)
		}
		names = append(names, name)
		if err := dec.Decode(new(json.RawMessage)); err != nil {
			return nil, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("it ends too early: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return names, nil
}

// maxFields is more than any kind has.
const maxFields = 16
