package images

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// counted is a source that knows how many of its images are out at a time.
type counted struct {
	n     int
	asked atomic.Int64
	at    chan struct{} // if not nil, an image waits for it
}

func (c *counted) Len() int { return c.n }

func (c *counted) Image(i int) (*Image, error) {
	c.asked.Add(1)
	if c.at != nil {
		<-c.at
	}
	if i%3 == 0 {
		time.Sleep(time.Duration(i%7) * 50 * time.Microsecond) // not in the order of asking
	}
	m := New(1, 1, 1)
	m.Bytes[0] = uint8(i)
	return m, nil
}

func TestLoaderOrder(t *testing.T) {
	for _, n := range []int{0, 1, 5, 100} {
		for _, l := range []Loader{{}, {Workers: 1, Ahead: 1}, {Workers: 7, Ahead: 2}, {Workers: 2, Ahead: 50}, {Workers: 3, Shuffle: true, Seed: 4, Epoch: 1}} {
			l.Source = &counted{n: n}
			var got []int
			err := l.Each(context.Background(), func(item int, m *Image) error {
				if int(m.Bytes[0]) != item {
					t.Errorf("item %d came with the image of %d", item, m.Bytes[0])
				}
				got = append(got, item)
				return nil
			})
			if err != nil || !slices.Equal(got, l.Order()) {
				t.Errorf("%d images by %+v: %v, %v", n, l, got, err)
			}
		}
	}
	if a, b := Shuffled(50, 1, 0), Shuffled(50, 1, 1); slices.Equal(a, b) || !slices.Equal(a, Shuffled(50, 1, 0)) {
		t.Error("orders do not follow from the epoch")
	}
}

// TestLoaderBounded never has more images than it may, however large the source.
func TestLoaderBounded(t *testing.T) {
	source := &counted{n: 10_000}
	s, err := Loader{Source: source, Workers: 3, Ahead: 5}.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for taken := range 40 {
		if _, _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
		if asked := int(source.asked.Load()); asked > taken+1+5 {
			t.Fatalf("%d images were asked for when %d had been taken", asked, taken+1)
		}
	}
	s.Close()
	s.Close()
	if asked := source.asked.Load(); asked > 45 {
		t.Errorf("%d images were asked for, expected at most 45", asked)
	}
	if _, _, err := s.Next(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLoaderEnds(t *testing.T) {
	stop := errors.New("stop")
	if err := (Loader{Source: &counted{n: 100}}).Each(context.Background(), func(item int, _ *Image) error {
		if item == 10 {
			return stop
		}
		return nil
	}); err != stop {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	source := &counted{n: 100, at: make(chan struct{})}
	go func() {
		source.at <- struct{}{}
		cancel()
		close(source.at)
	}()
	if err := (Loader{Source: source, Workers: 1}).Each(ctx, func(int, *Image) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	taken := 0
	err := Loader{Source: broken{pictures(9)}}.Each(context.Background(), func(int, *Image) error { taken++; return nil })
	if taken != 3 || err == nil || !strings.Contains(err.Error(), "images: three.png") {
		t.Errorf("%d images, %v", taken, err)
	}
	for want, l := range map[string]Loader{"Workers: -1": {Workers: -1}, "Ahead: -1": {Ahead: -1}, "Height: -1": {Preparation: Preparation{Height: -1}}} {
		l.Source = Slice{}
		if _, err := l.Open(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
}

func TestLoaderPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("what the source panicked with is lost")
		}
	}()
	s, err := Loader{Source: Slice{nil, nil}, Preparation: Preparation{Height: 3}}.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, _, err := s.Next(); err != io.EOF {
		t.Error(err)
	}
}

func TestCached(t *testing.T) {
	source := &counted{n: 10}
	c := Cached(source, Preparation{Height: 2, Width: 3}, 4*6)
	for range 3 {
		for i := range 10 {
			m, err := c.Image(i)
			if err != nil || m.Len() != 6 || int(m.Bytes[0]) != i {
				t.Fatal(m, err)
			}
		}
	}
	if got := source.asked.Load(); got != 10+2*6 || c.Len() != 10 { // four of ten are kept
		t.Errorf("%d images were decoded, expected 22", got)
	}
	all := Cached(broken{pictures(5)}, Preparation{}, 1<<20)
	for range 2 {
		if _, err := all.Image(3); err == nil || !strings.Contains(err.Error(), "three.png") {
			t.Error(err)
		}
	}
	one, _ := all.Image(1)
	if again, _ := all.Image(1); again != one {
		t.Error("an image was decoded twice")
	}
}

func TestMeasure(t *testing.T) {
	var s Slice
	for i := range 7 {
		s = append(s, noise(uint64(i), 3+i, 4, 2))
	}
	got, err := Measure(context.Background(), s, Preparation{})
	if err != nil {
		t.Fatal(err)
	}
	for c := range 2 {
		sum, squares, n := 0.0, 0.0, 0.0
		for _, m := range s {
			for i := c; i < m.Len(); i += 2 {
				v := float64(m.Bytes[i]) / 255
				sum, squares, n = sum+v, squares+v*v, n+1
			}
		}
		mean := sum / n
		if std := math.Sqrt(squares/n - mean*mean); math.Abs(got.Mean[c]-mean) > 1e-12 || math.Abs(got.Std[c]-std) > 1e-12 {
			t.Errorf("channel %d: %v, %v, expected %v, %v", c, got.Mean[c], got.Std[c], mean, std)
		}
	}
	floats := Slice{s[0].Float(), s[1].Float()}
	a, _ := Measure(context.Background(), floats, Preparation{})
	b, _ := Measure(context.Background(), s[:2], Preparation{})
	if math.Abs(a.Mean[1]-b.Mean[1]) > 1e-7 || math.Abs(a.Std[1]-b.Std[1]) > 1e-7 {
		t.Error(a, b)
	}
	for want, s := range map[string]Source{
		"there are no images":           Slice{},
		"channel 0 is 0 in every pixel": Slice{New(2, 2, 1)},
		"item 1 has 3 channels":         Slice{noise(1, 2, 2, 1), noise(1, 2, 2, 3)},
		"images: three.png":             broken{pictures(5)},
	} {
		if _, err := Measure(context.Background(), s, Preparation{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
}
