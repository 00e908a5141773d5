package speed

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Options says what [Run] measures, and how. The zero value measures everything, which takes up to a minute.
type Options struct {
	// Names are the figures wanted, or patterns as [path.Match] has them; none: all.
	Names []string
	// Repeats is the number of samples that a figure is the median of; 0 means 15. A figure that has taken its share of
	// time, ten seconds, stops after 5.
	Repeats int
	// Sample is the time that a sample takes at least: what is faster is done over and over; 0 means 30 ms.
	Sample time.Duration
	// Alone is the command line of a process that hands the words behind it to [Alone], for the figures that need a
	// process of their own: the program's own executable, say, with a subcommand.
	Alone []string
	// Status, where it is not nil, is told what is measured next.
	Status func(what string)
}

// The defaults of Options, and what bounds a run.
const (
	defaultRepeats = 15
	defaultSample  = 30 * time.Millisecond
	enough         = 5                // samples, where time is short
	share          = 10 * time.Second // time of a figure's samples after which enough are enough
)

func (o Options) withDefaults() Options {
	if o.Repeats <= 0 {
		o.Repeats = defaultRepeats
	}
	if o.Sample <= 0 {
		o.Sample = defaultSample
	}
	if o.Status == nil {
		o.Status = func(string) {}
	}
	return o
}

// kind is a figure and how it is measured: by one of sample, derive and alone.
type kind struct {
	Entry
	note   string
	needs  []string                                     // figures that must be measured too
	sample func(w *workshop) (func() float64, error)    // prepares, and returns what takes a sample
	derive func(w *workshop) (value, low, high float64) // computes from the samples of needs
	alone  *solo
	giga   func() (float64, error) // GFLOP of a unit that is not one itself, for a part of the peak
}

// workshop is what the figures of a run share.
type workshop struct {
	options Options
	samples map[string]series
	molecules
}

// Run measures and hands each figure to each, in the order of [List]. It returns the first error, of each too.
func Run(ctx context.Context, o Options, each func(Figure) error) error {
	chosen, err := choose(o.Names)
	if err != nil {
		return err
	}
	w := &workshop{options: o.withDefaults(), samples: map[string]series{}}
	if err := w.rounds(ctx, chosen); err != nil {
		return err
	}
	footprints := footprints{options: w.options}
	for _, k := range chosen {
		var f Figure
		switch {
		case k.derive != nil:
			f = w.samples[k.needs[0]].figure(k)
			f.Value, f.Low, f.High = k.derive(w)
		case k.alone != nil:
			list, err := footprints.of(ctx, k.alone.mode)
			if err != nil {
				return fmt.Errorf("speed: %s: %w", k.Name, err)
			}
			f = k.alone.series(list).figure(k)
			k.note = k.alone.remark(list)
		default:
			f = w.samples[k.Name].figure(k)
		}
		f.Note = k.note
		if f.OfPeak, err = w.ofPeak(k, f.Value); err != nil {
			return fmt.Errorf("speed: %s: %w", k.Name, err)
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// ofPeak returns the part of the peak that a value is; 0 where its operations are not known.
func (w *workshop) ofPeak(k kind, value float64) (float64, error) {
	giga := 1.0
	switch {
	case k.giga != nil:
		var err error
		if giga, err = k.giga(); err != nil {
			return 0, err
		}
	case k.Unit != flopsUnit || !slices.Contains(k.needs, peakName):
		return 0, nil
	}
	return value * giga / w.samples[peakName].median(), nil
}

// timed is a figure whose samples are being taken.
type timed struct {
	kind
	take  func() float64
	spent time.Duration
}

// rounds takes the samples of the chosen figures, and of those that they need.
func (w *workshop) rounds(ctx context.Context, chosen []kind) error {
	needed := map[string]bool{}
	for _, k := range chosen {
		needed[k.Name] = true
		for _, name := range k.needs {
			needed[name] = true
		}
	}
	var list []*timed
	for _, k := range kinds() {
		if !needed[k.Name] || k.sample == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		w.options.Status("preparing " + k.Name)
		take, err := k.sample(w)
		if err != nil {
			return fmt.Errorf("speed: %s: %w", k.Name, err)
		}
		list = append(list, &timed{kind: k, take: take})
	}
	return w.take(ctx, list)
}

// take takes the samples of list, round by round.
func (w *workshop) take(ctx context.Context, list []*timed) error {
	for round := range w.options.Repeats {
		for _, t := range list {
			if round >= enough && t.spent > share {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			w.options.Status(fmt.Sprintf("round %d of %d: %s", round+1, w.options.Repeats, t.Name))
			start := time.Now()
			w.samples[t.Name] = append(w.samples[t.Name], t.take())
			t.spent += time.Since(start)
		}
	}
	return nil
}

// over does work over and over for a sample's time, and returns the seconds that it took once.
func (w *workshop) over(work func()) float64 {
	work() // finds its memory and its instructions in the caches again
	start := time.Now()
	for n := 1; ; n++ {
		work()
		if d := time.Since(start); d >= w.options.Sample {
			return d.Seconds() / float64(n)
		}
	}
}
