package train

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/graft-ml/graft/nn"
)

// ownGoroutines returns the stacks of goroutines, other than this one, that run code of this package.
func ownGoroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var own []string
	for i, g := range strings.Split(string(buf), "\n\n") {
		if i > 0 && strings.Contains(g, "graft/train.") && !strings.Contains(g, "testing.tRunner") {
			own = append(own, g)
		}
	}
	return strings.Join(own, "\n\n")
}

// mustNotLeak fails the test if goroutines of this package are left. Those about to end get time to do so.
func mustNotLeak(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		left := ownGoroutines()
		if left == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("goroutines are left:\n%s", left)
		}
	}
}

func TestFeedOrder(t *testing.T) {
	d := newToyData(10, 1)
	order := []int{3, 1, 4, 0, 5, 9, 2, 6, 8, 7}
	for first := 0; first <= 4; first++ {
		f := startFeed(d, order, 3, first)
		var got []int
		for lo := 3 * first; lo < len(order); lo += 3 {
			p, err := f.next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p.items...)
			if p.batch.Items() != len(p.items) || p.batch.Targets().At(0, 0) != d.y.At(p.items[0], 0) {
				t.Errorf("the batch of items %v holds others", p.items)
			}
		}
		if want := fmt.Sprint(order[min(3*first, 10):]); len(got)+len(order[:min(3*first, 10)]) != 10 || len(got) > 0 && fmt.Sprint(got) != want {
			t.Errorf("from batch %d: items %v, want %s", first, got, want)
		}
		f.stop()
		f.stop()
	}
	mustNotLeak(t)
}

// TestFeedLooksAhead: two batches are prepared before they are asked for, and no more.
func TestFeedLooksAhead(t *testing.T) {
	var begun atomic.Int32
	steps := make(chan int, 100)
	d := newToyData(20, 1)
	d.prepare = func([]int) error {
		steps <- int(begun.Add(1))
		return nil
	}
	f := startFeed(d, make([]int, 20), 1, 0)
	for taken := 0; taken < 5; taken++ {
		for n := range steps {
			if n > taken+lookAhead {
				t.Fatalf("%d batches begun when %d were taken", n, taken)
			}
			if n == taken+lookAhead {
				break
			}
		}
		if _, err := f.next(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	f.stop()
	mustNotLeak(t)
	if n := begun.Load(); n > 5+lookAhead {
		t.Errorf("%d batches were begun, 5 taken", n)
	}
}

type nothing struct{ *toyData }

func (nothing) Prepare([]int) (nn.Batch, error) { return nil, nil }

func TestFeedFaults(t *testing.T) {
	d := newToyData(20, 1)
	bad := errors.New("line 7 is no graph")
	d.prepare = func(items []int) error {
		if items[0] == 2 {
			return bad
		}
		return nil
	}
	f := startFeed(d, []int{0, 1, 2, 3}, 1, 0)
	for i := 0; i < 2; i++ {
		if _, err := f.next(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.next(context.Background()); !errors.Is(err, bad) || !strings.Contains(err.Error(), "prepare items [2]") {
		t.Errorf("error %v", err)
	}
	f.stop()

	f = startFeed(nothing{d}, make([]int, 12), 12, 0)
	if _, err := f.next(context.Background()); err == nil || !strings.Contains(err.Error(), "[0 0 0 0 0 0 0 0 ... and 4 more]: the data gave neither a batch nor an error") {
		t.Errorf("error %v", err)
	}
	f.stop()

	d.prepare = func([]int) error { panic("graphs: no node 7") }
	f = startFeed(d, []int{0}, 1, 0)
	func() {
		defer func() {
			if got := recover(); got != "graphs: no node 7" {
				t.Errorf("panic %v", got)
			}
		}()
		f.next(context.Background())
	}()
	f.stop()

	// A cancelled context is noticed while a batch is being waited for.
	hold := make(chan struct{})
	d.prepare = func([]int) error {
		<-hold
		return nil
	}
	f = startFeed(d, []int{0}, 1, 0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	close(hold)
	f.stop()
	mustNotLeak(t)
}

// TestNoLeaks cancels at each step, fails and panics, and looks for goroutines that were left behind.
func TestNoLeaks(t *testing.T) {
	for step := 0; step <= 2*toySteps+1; step++ {
		ctx, h := cancelAfter(step)
		task, o := toyTask(), toyOptions("")
		o.Hooks = h
		if _, err := Fit(ctx, task, o); !errors.Is(err, ErrInterrupted) {
			t.Fatal(err)
		}
		mustNotLeak(t)
	}
	task := toyTask()
	task.Val.(*toyData).prepare = func([]int) error { return errHook }
	if _, err := Fit(context.Background(), task, toyOptions("")); !errors.Is(err, errHook) {
		t.Fatal(err)
	}
	mustNotLeak(t)
	task = toyTask()
	task.Train.(*toyData).prepare = func([]int) error { panic("bad item") }
	func() {
		defer func() {
			if recover() != "bad item" {
				t.Error("the panic got lost")
			}
		}()
		Fit(context.Background(), task, toyOptions(t.TempDir()))
	}()
	mustNotLeak(t)
}
