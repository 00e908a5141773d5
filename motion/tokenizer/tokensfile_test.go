package tokenizer

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/safetensors"
)

func written(t testing.TB, tokens *Tokens) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTokens(&b, tokens); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(data []byte) (*Tokens, error) {
	f, err := safetensors.NewReader(bytes.NewReader(data), int64(len(data)), safetensors.Options{})
	if err != nil {
		return nil, err
	}
	return ReadTokens("walk", f)
}

// samples are tokens of both references.
func samples(t testing.TB) []*Tokens {
	var list []*Tokens
	for _, r := range []Reference{Absolute, FirstFrame} {
		c := toy
		c.Reference = r
		m, _ := trained(t, c, 3)
		tokens, err := m.Encode(swing("a walk", 21, 3))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, tokens)
	}
	return list
}

func TestTokensFile(t *testing.T) {
	for _, tokens := range samples(t) {
		again, err := read(written(t, tokens))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(tokens, again) {
			t.Errorf("read %+v, want %+v", again, tokens)
		}
	}
}

func TestWrongTokensFile(t *testing.T) {
	meta := func(text string) map[string]string { return map[string]string{tokensKey: text} }
	const good = `{"axes":"y-up","joints":["a","b"],"parents":[-1,0],"frames":8,"codebook":4}`
	codes := func(shape ...int) safetensors.Tensor {
		n := 4
		for _, d := range shape {
			n *= d
		}
		return safetensors.FromBytes("codes", safetensors.I32, make([]byte, n), shape...)
	}
	for _, c := range []struct {
		name    string
		tensors []safetensors.Tensor
		meta    map[string]string
		want    string
	}{
		{"good", []safetensors.Tensor{codes(2, 2)}, meta(good), ""},
		{"a clip", []safetensors.Tensor{safetensors.FromFloat32("positions", []float32{1, 2, 3}, 1, 1, 3)}, nil, "no tokens of a movement"},
		{"no codes", nil, meta(good), "no tokens of a movement"},
		{"more", []safetensors.Tensor{codes(2, 2), safetensors.FromFloat32("x", []float32{1}, 1)}, meta(good), "tensor x has no place"},
		{"no JSON", []safetensors.Tensor{codes(2, 2)}, meta("{"), "metadata string"},
		{"unknown key", []safetensors.Tensor{codes(2, 2)}, meta(`{"colour":1}`), "colour"},
		{"more JSON", []safetensors.Tensor{codes(2, 2)}, meta(good + "{}"), "goes on"},
		{"axes", []safetensors.Tensor{codes(2, 2)}, meta(strings.Replace(good, "y-up", "z-up", 1)), `"z-up"`},
		{"type", []safetensors.Tensor{safetensors.FromInt64("codes", make([]int64, 4), 2, 2)}, meta(good), "I64"},
		{"dimensions", []safetensors.Tensor{codes(4)}, meta(good), "[4]"},
		{"joints", []safetensors.Tensor{codes(2, 3)}, meta(good), "3 tokens a step for 2 joints"},
		{"no steps", []safetensors.Tensor{codes(0, 2)}, meta(good), "0 codes"},
		{"frames", []safetensors.Tensor{codes(2, 2)}, meta(strings.Replace(good, `8`, `-8`, 1)), "-8 frames"},
		{"codebook", []safetensors.Tensor{codes(2, 2)}, meta(strings.Replace(good, `"codebook":4`, `"codebook":0`, 1)), "a codebook of 0"},
		{"parents", []safetensors.Tensor{codes(2, 2)}, meta(strings.Replace(good, `[-1,0]`, `[-1,7]`, 1)), "motion:"},
		{"start", []safetensors.Tensor{codes(2, 2), safetensors.FromFloat32("start", make([]float32, 3), 1, 3)}, meta(good), "[1 3]"},
		{"outside", []safetensors.Tensor{safetensors.FromBytes("codes", safetensors.I32, []byte{0, 0, 0, 0, 9, 0, 0, 0}, 1, 2)}, meta(good), "the code of step 0, joint 1 is 9"},
	} {
		var b bytes.Buffer
		if err := safetensors.WriteChecked(&b, c.tensors, c.meta); err != nil {
			t.Fatal(c.name, err)
		}
		_, err := read(b.Bytes())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		var e *motion.FileError
		if err != nil && (!errors.As(err, &e) || e.File != "walk") {
			t.Errorf("%s: %v is no error of the file", c.name, err)
		}
	}
}

// TestTokensOfAnotherModel: tokens are refused by a model that cannot have made them.
func TestTokensOfAnotherModel(t *testing.T) {
	list := samples(t)
	m := mustModel(t, toy)
	more := toy
	more.Codes = 11
	wide := toy
	wide.Joints = 4
	long := *list[0]
	long.Frames = 99999
	for _, c := range []struct {
		model  *Model
		tokens *Tokens
		want   string
	}{
		{m, list[1], "first frame"}, {mustModel(t, more), list[0], "codebook of 10"}, {mustModel(t, wide), list[0], "3 tokens a step"},
		{m, &long, "steps for 99999 frames"}, {m, &Tokens{}, "without a skeleton"},
	} {
		_, err := c.model.Decode(c.tokens)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
		if _, err := c.model.Vectors(c.tokens); err == nil {
			t.Errorf("vectors of tokens with %q", c.want)
		}
	}
	if err := WriteTokens(new(bytes.Buffer), &Tokens{}); err == nil {
		t.Error("tokens of nothing were written")
	}
}

func FuzzReadTokens(f *testing.F) {
	clip := swing("a walk", 9, 3)
	tokens := &Tokens{Name: "a walk", FPS: 30, Skeleton: clip.Skeleton, Frames: 9, Joints: 3, Codes: []int32{0, 1, 2, 3, 4, 5, 6, 7, 9}, Codebook: 10}
	f.Add(written(f, tokens))
	tokens.Start = clip.Frame(0)
	f.Add(written(f, tokens))
	f.Add([]byte{})
	var open bytes.Buffer // without checksums, which no changed byte gets past
	err := safetensors.Write(&open, []safetensors.Tensor{safetensors.FromBytes("codes", safetensors.I32, make([]byte, 24), 2, 3)},
		map[string]string{tokensKey: `{"axes":"camera","joints":["a","b","c"],"parents":[-1,0,1],"frames":8,"codebook":10}`})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(open.Bytes())
	c := toy
	c.Reference = FirstFrame
	models := []*Model{mustModel(f, toy), mustModel(f, c)}
	f.Fuzz(func(t *testing.T, data []byte) {
		tokens, err := read(data)
		if err != nil {
			return
		}
		for _, m := range models {
			m.Decode(tokens) // must not panic
		}
		again, err := read(written(t, tokens))
		if err != nil || !reflect.DeepEqual(tokens, again) {
			t.Fatalf("read %+v, wrote and read %+v, %v", tokens, again, err)
		}
	})
}
