package tokenize

import (
	"context"
	"testing"
)

// BenchmarkTrain learns 8,000 tokens from 4 MB.
func BenchmarkTrain(b *testing.B) {
	text := synthetic(4 << 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := TrainBPE(context.Background(), Strings(text), BPEOptions{Size: 8000}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	text := synthetic(1 << 20)
	t := train(b, BPEOptions{Size: 4096}, text)
	ids := t.Append(nil, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		ids = t.Append(ids[:0], text)
	}
}

// BenchmarkMerge cuts pieces that are never remembered.
func BenchmarkMerge(b *testing.B) {
	text := synthetic(1 << 18)
	t := train(b, BPEOptions{Size: 4096}, text)
	e := newEncoder()
	list := pieces(text, 1)
	var ids []int32
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		ids = ids[:0]
		for _, p := range list {
			ids = e.merge(t, ids, p)
		}
	}
}

func BenchmarkWords(b *testing.B) {
	w, err := NewWords(append(Numbers(0, 999), "value", "rows", "down", "columns", "right", "of", "*", "?", "-3", "+2"), nil)
	if err != nil {
		b.Fatal(err)
	}
	const text = "value -3 rows down +2 columns right of * ? 12 999 7 *"
	ids := w.Append(nil, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		ids = w.Append(ids[:0], text)
	}
}
