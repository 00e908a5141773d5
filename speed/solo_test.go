package speed

import (
	"bytes"
	"context"
	"math"
	"os"
	"strings"
	"testing"
)

func TestAlone(t *testing.T) {
	list := quick(t, Options{Names: []string{"*_rss", "allocs_per_step", "gc_share"}, Alone: itself(t)})
	byName := map[string]Figure{}
	for _, f := range list {
		byName[f.Name] = f
		t.Logf("%+v", f)
	}
	train, forward := byName["grit_zinc_peak_rss"], byName["grit_zinc_forward_peak_rss"]
	if train.Note == "" && !(train.Value > 5 && train.Value < 500 && forward.Value > 5) {
		t.Errorf("a small model takes %v MB in training and %v in evaluation", train.Value, forward.Value)
	}
	if a := byName["allocs_per_step"]; !(a.Value >= 0 && a.Value < 1000) || !strings.Contains(a.Note, "kB a step") {
		t.Errorf("allocations: %+v", a)
	}
	if g := byName["gc_share"]; !(g.Value >= 0 && g.Value < 1) || !strings.Contains(g.Note, "collections in 3 steps") {
		t.Errorf("collector: %+v", g)
	}
}

// TestPeakIsTheProcessOwn checks that the memory of a process that starts another does not count in that one.
func TestPeakIsTheProcessOwn(t *testing.T) {
	measure := func() float64 {
		list := quick(t, Options{Names: []string{"grit_zinc_forward_peak_rss"}, Alone: itself(t)})
		return list[0].Value
	}
	before := measure()
	if math.IsNaN(before) {
		t.Skip("this system does not tell the peak memory")
	}
	ballast := bytes.Repeat([]byte{1}, 256<<20)
	if after := measure(); after > before+64 {
		t.Errorf("%v MB in the shadow of %d MB, %v without", after, len(ballast)>>20, before)
	}
}

func TestAloneFails(t *testing.T) {
	line := itself(t)
	for _, c := range []struct {
		line []string
		want string
	}{
		{nil, "speed: gc_share: a process of its own is needed: set Options.Alone"},
		{[]string{"no-such-program"}, "speed: gc_share: no-such-program train 3: exec: "},
		{append(line, "superfluous"), "exit status 1: speed: Alone: got"},
		{append(line[:1:1], "-test.run=^$"), "want a footprint in JSON"},
	} {
		err := Run(context.Background(), Options{Names: []string{"gc_share"}, Repeats: 1, Alone: c.line}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.line, err, c.want)
		}
	}
	for _, words := range [][]string{nil, {"train"}, {"rest", "1"}, {"train", "0"}, {"train", "many"}} {
		if err := Alone(context.Background(), words, os.Stdout); err == nil || !strings.Contains(err.Error(), "want train or forward") {
			t.Errorf("Alone %q: error %v", words, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := alone(ctx, small(), []string{"forward", "1"}, os.Stdout); err != context.Canceled {
		t.Errorf("error %v, want that of the context", err)
	}
	f := footprints{options: Options{Repeats: 1, Alone: line}}
	if _, err := f.run(ctx, modeTrain); err != context.Canceled {
		t.Errorf("error %v, want that of the context", err)
	}
}
