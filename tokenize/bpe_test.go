package tokenize

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func train(t testing.TB, o BPEOptions, list ...string) *BPE {
	t.Helper()
	b, err := TrainBPE(context.Background(), Strings(list...), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTrainByHand: counts and ties that were worked out on paper.
func TestTrainByHand(t *testing.T) {
	for _, c := range []struct {
		name  string
		texts []string
		size  int // merges
		least int
		want  []string // what the merges make
	}{
		// x+y 3 times; then blank+a, blank+xy and a+b twice each: the blank is the earliest on the left, a before xy.
		{"most frequent first", []string{"xy xy xy ab ab"}, 2, 0, []string{"xy", " a"}},
		{"earlier left token", []string{"ba", "ba", "ab", "ab"}, 2, 0, []string{"ab", "ba"}},
		{"earlier right token", []string{"ac", "ac", "ab", "ab"}, 2, 0, []string{"ab", "ac"}},
		{"overlaps count", []string{"aaa", "bc", "bc"}, 1, 0, []string{"aa"}}, // aa stands twice in aaa, and a is before b
		// aa aa a: then aa+a and aa+aa are equally frequent, and the byte is there before the merge.
		{"overlaps merge from the left", []string{"aaaaa", "aaaaa"}, 3, 0, []string{"aa", "aaa", "aaaaa"}},
		{"nothing twice", []string{"abc"}, 5, 0, nil},
		{"once is enough", []string{"abc"}, 5, 1, []string{"ab", "abc"}},
		{"not across texts", []string{"a", "b", "a", "b"}, 5, 0, nil},
		{"not across pieces", []string{"a1 a1 a1"}, 5, 0, []string{" a"}},
	} {
		b := train(t, BPEOptions{Size: bytesInAll + c.size, MinCount: c.least}, c.texts...)
		var got []string
		for id := bytesInAll; id < b.Size(); id++ {
			got = append(got, b.Decode([]int32{int32(id)}))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSpecialsAreNeverText(t *testing.T) {
	b := train(t, BPEOptions{Size: 300, Special: []string{"<bos>", "a"}}, strings.Repeat("<bos> a ", 50))
	if id, ok := b.Special("a"); id != 1 || !ok {
		t.Errorf("Special: %d, %v", id, ok)
	}
	if id, ok := b.Special("b"); id != 0 || ok {
		t.Errorf("Special of an unknown name: %d, %v", id, ok)
	}
	ids := b.Append(nil, "<bos> a")
	if slices.Min(ids) < 2 {
		t.Errorf("text yields special tokens: %v", ids)
	}
	if got := b.Decode(append([]int32{0}, ids...)); got != "<bos><bos> a" {
		t.Errorf("Decode: %q", got)
	}
	names := b.Specials()
	names[0] = "changed"
	if _, ok := b.Special("<bos>"); !ok {
		t.Error("Specials gives away its list")
	}
}

// TestOrderOfTexts: the tokenizer does not depend on it.
func TestOrderOfTexts(t *testing.T) {
	list := strings.SplitAfter(synthetic(20_000), " ")
	first, err := train(t, BPEOptions{Size: 500}, list...).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	second, _ := train(t, BPEOptions{Size: 500}, list...).Marshal()
	if string(first) != string(second) {
		t.Error("texts in another order give another tokenizer")
	}
}

func TestTrainRefuses(t *testing.T) {
	ended, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("enough")
	cancel(stop)
	broken := errors.New("line 7: torn")
	for _, c := range []struct {
		ctx  context.Context
		text Texts
		o    BPEOptions
		want string
	}{
		{nil, Strings("a"), BPEOptions{Size: 100}, "Size is 100: want 256"},
		{nil, Strings("a"), BPEOptions{Size: 1 << 30}, "Size is 1073741824"},
		{nil, Strings("a"), BPEOptions{Size: 256, Special: []string{"<s>"}}, "want 257"},
		{nil, Strings("a"), BPEOptions{MinCount: -1}, "MinCount is -1"},
		{nil, Strings("a"), BPEOptions{DigitGroup: 4}, "digit group 4: want 1 to 3"},
		{nil, Strings("a"), BPEOptions{DigitGroup: -1}, "digit group -1"},
		{nil, Strings("a"), BPEOptions{Special: []string{"x", ""}}, `special token 1, "": it is empty`},
		{nil, Strings("a"), BPEOptions{Special: []string{"x", "y", "x"}}, `special token 2, "x": it is the same as number 0`},
		{nil, Strings("a"), BPEOptions{Special: []string{"\xff"}}, "not valid UTF-8"},
		{nil, Strings(), BPEOptions{}, "no text to learn from"},
		{nil, Strings("", ""), BPEOptions{}, "no text to learn from"},
		{nil, func(func(string) error) error { return broken }, BPEOptions{}, "line 7: torn"},
		{ended, Strings("some text"), BPEOptions{}, "enough"},
	} {
		if c.ctx == nil {
			c.ctx = context.Background()
		}
		b, err := TrainBPE(c.ctx, c.text, c.o)
		if err == nil || b != nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "tokenize: TrainBPE: ") {
			t.Errorf("%+v: got %v, %v; want an error with %q", c.o, b, err, c.want)
		}
	}
	if _, err := TrainBPE(ended, Strings("a b"), BPEOptions{}); !errors.Is(err, stop) {
		t.Errorf("the cause of the context is lost: %v", err)
	}
}

// TestTrainEnds: a context that ends while merges are learned ends them.
func TestTrainEnds(t *testing.T) {
	p, err := countPieces(context.Background(), Strings("ab ab"), 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := learnMerges(ctx, p, 10, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestDecodeOutside(t *testing.T) {
	b := train(t, BPEOptions{Size: 260}, "abc abc")
	w, err := NewWords([]string{"a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tok := range []Tokenizer{b, w} {
		for _, id := range []int32{-1, int32(tok.Size()), 1 << 30} {
			func() {
				defer func() {
					if r := recover(); r == nil || !strings.HasPrefix(r.(string), "tokenize: Decode: id ") {
						t.Errorf("id %d: %v", id, r)
					}
				}()
				tok.Decode([]int32{id})
			}()
		}
	}
}

// TestAppendAllocates: nothing, once warm, whether pieces are remembered or not.
func TestAppendAllocates(t *testing.T) {
	text := synthetic(5000) + strings.Repeat("long", 50)
	b := train(t, BPEOptions{Size: 600}, text)
	w, err := NewWords([]string{"a", "-3"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tok := range []Tokenizer{b, w} {
		to := tok.Append(nil, text)
		if n := testing.AllocsPerRun(10, func() { to = tok.Append(to[:0], text) }); n != 0 {
			t.Errorf("%T: %v allocations", tok, n)
		}
	}
}

// TestGoroutines: many at once get what one gets.
func TestGoroutines(t *testing.T) {
	text := synthetic(20_000)
	b := train(t, BPEOptions{Size: 700}, text)
	want := b.Append(nil, text)
	var group sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for range 3 {
				if got := b.Append(nil, text); !slices.Equal(got, want) {
					t.Error("other tokens than one goroutine gets")
				}
			}
		})
	}
	group.Wait()
}

// TestForgets: pieces that crowd one another out of the memory keep their tokens.
func TestForgets(t *testing.T) {
	b := train(t, BPEOptions{Size: 400}, synthetic(20_000))
	for i := range 3 * cached {
		text := strings.Map(func(r rune) rune { return r - '0' + 'a' }, strconv.Itoa(i))
		if got := b.Append(nil, text); b.Decode(got) != text {
			t.Fatalf("%q came back as %q", text, b.Decode(got))
		}
	}
}

// synthetic makes a text of about n bytes: words of letters and numbers, frequent and rare ones as in a language.
func synthetic(n int) string {
	rng := rand.New(rand.NewPCG(7, 9))
	words := make([]string, 4000)
	for i := range words {
		word := make([]byte, 2+rng.IntN(9))
		for k := range word {
			word[k] = "etaoinshrdlucmfwypvbgkjqxz"[min(rng.IntN(26), rng.IntN(26))]
		}
		words[i] = string(word)
	}
	var text strings.Builder
	for text.Len() < n {
		switch {
		case rng.IntN(10) == 0:
			text.WriteString(strconv.Itoa(rng.IntN(3000)))
		default:
			text.WriteString(words[int(float64(len(words))*rng.Float64()*rng.Float64()*rng.Float64())])
		}
		text.WriteByte(" \n,. "[rng.IntN(5)])
	}
	return text.String()
}
