package speed

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// quick measures a little of something.
func quick(t *testing.T, o Options) []Figure {
	t.Helper()
	o.Sample = time.Millisecond
	if o.Repeats == 0 {
		o.Repeats = 1
	}
	var list []Figure
	err := Run(context.Background(), o, func(f Figure) error {
		list = append(list, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRun(t *testing.T) {
	var told []string
	list := quick(t, Options{Names: []string{"gemm_*64x64*", "fma_peak", "exp_*", "softmax_*", "layer_norm_*", "gelu_*", "chain_*", "adamw_*"},
		Repeats: 2, Status: func(what string) { told = append(told, what) }})
	if len(list) != 11 {
		t.Errorf("%d figures: %+v", len(list), list)
	}
	for _, f := range list {
		if !(f.Low > 0 && f.Low <= f.Value && f.Value <= f.High) || f.Repeats != 2 {
			t.Errorf("%+v: want two samples, and the middle between them", f)
		}
		part := 0.0
		if strings.HasPrefix(f.Name, "gemm_") {
			part = f.Value / list[0].Value
		}
		if f.OfPeak != part {
			t.Errorf("%s is %v of the peak, want %v", f.Name, f.OfPeak, part)
		}
	}
	if !slices.Contains(told, "round 2 of 2: fma_peak") {
		t.Errorf("told %q", told)
	}
}

// TestNeeds asks for a ratio alone: what it is computed from is measured, and not handed out.
func TestNeeds(t *testing.T) {
	list := quick(t, Options{Names: []string{"gemm_512x64x64"}})
	if len(list) != 1 || !(list[0].OfPeak > 0) {
		t.Errorf("%+v: want one figure, with its part of the peak", list)
	}
}

func TestTimeIsBounded(t *testing.T) {
	w := &workshop{options: Options{Repeats: 50}.withDefaults(), samples: map[string]series{}}
	slow := &timed{kind: kind{Entry: Entry{Name: "slow"}}, spent: share + 1, take: func() float64 { return 1 }}
	fast := &timed{kind: kind{Entry: Entry{Name: "fast"}}, take: func() float64 { return 1 }}
	if err := w.take(context.Background(), []*timed{slow, fast}); err != nil {
		t.Fatal(err)
	}
	if s, f := len(w.samples["slow"]), len(w.samples["fast"]); s != enough || f != 50 {
		t.Errorf("%d samples of a slow figure and %d of a fast one, want %d and 50", s, f, enough)
	}
}

func TestOver(t *testing.T) {
	w := &workshop{options: Options{Sample: 5 * time.Millisecond}}
	n := 0
	start := time.Now()
	seconds := w.over(func() { n++; time.Sleep(time.Millisecond) })
	if all := time.Since(start).Seconds(); n < 2 || seconds < 1e-3 || seconds*float64(n-1) > all {
		t.Errorf("%d times in %v s, %v s each", n, all, seconds)
	}
}

func TestRunEnds(t *testing.T) {
	stop := errors.New("stop")
	o := Options{Names: []string{"fma_peak", "chain_*"}, Repeats: 1, Sample: time.Microsecond}
	if err := Run(context.Background(), o, func(Figure) error { return stop }); err != stop {
		t.Errorf("error %v, want that of the callback", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o.Status = func(what string) {
		if strings.HasPrefix(what, "round") {
			cancel()
		}
	}
	if err := Run(ctx, o, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if err := Run(context.Background(), Options{Names: []string{"gc_shar"}}, nil); err == nil || !strings.Contains(err.Error(), `"gc_share"`) {
		t.Errorf("error %v, want the nearest name", err)
	}
}
