package speed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"strconv"
	"time"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/internal/peakmemory"
)

// footprint is what some steps took: what a process of its own writes.
type footprint struct {
	PeakBytes        int64   `json:"peakBytes"` // of the whole process; 0 where it is not known
	Steps            int     `json:"steps"`     // after the warm-up, as all of what follows
	Allocations      uint64  `json:"allocations"`
	AllocatedBytes   uint64  `json:"allocatedBytes"`
	Collections      uint64  `json:"collections"`
	CollectorSeconds float64 `json:"collectorSeconds"`
	ProcessorSeconds float64 `json:"processorSeconds"` // time by the clock, times processors
}

// Alone does steps of GRIT on ZINC in this process, which should do nothing else, and writes to w what they took. The
// words are those that [Run] puts behind [Options].Alone: what to do, and how many steps.
func Alone(ctx context.Context, words []string, w io.Writer) error {
	return alone(ctx, grit.ZINC(), words, w)
}

func alone(ctx context.Context, c grit.Config, words []string, w io.Writer) error {
	const want = "want train or forward, and the number of steps"
	if len(words) != 2 || words[0] != modeTrain && words[0] != modeForward {
		return fmt.Errorf("speed: Alone: got %q, %s", words, want)
	}
	steps, err := strconv.Atoi(words[1])
	if err != nil || steps < 1 {
		return fmt.Errorf("speed: Alone: steps are %q, %s", words[1], want)
	}
	f, err := measureAlone(ctx, c, words[0], steps)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(f)
}

// measureAlone prepares batches ahead as package train does, one a step, and does steps on them.
func measureAlone(ctx context.Context, c grit.Config, mode string, steps int) (f footprint, err error) {
	m, err := grit.New(c, workloadSeed)
	if err != nil {
		return f, err
	}
	t := newTrainer(m)
	data, err := grit.NewData(c, next(datasets.NewMolecules(workloadSeed), workloadBatches*batchSize))
	if err != nil {
		return f, err
	}
	const ahead = 2
	var waiting []*grit.Batch
	items, prepared := make([]int, batchSize), 0
	prepare := func() error {
		for i := range items {
			items[i] = prepared%workloadBatches*batchSize + i
		}
		b, err := data.Prepare(items)
		if err == nil {
			waiting = append(waiting, b.(*grit.Batch))
			prepared++
		}
		return err
	}
	step := func() error {
		for len(waiting) <= ahead {
			if err := prepare(); err != nil {
				return err
			}
		}
		b := waiting[0]
		copy(waiting, waiting[1:])
		waiting = waiting[:len(waiting)-1]
		if mode == modeTrain {
			t.train(b)
		} else {
			t.evaluate(b)
		}
		b.Release()
		return ctx.Err()
	}
	for range min(steps, 2*workloadBatches) { // by then each of the batches in turn has had memory for the largest
		if err := step(); err != nil {
			return f, err
		}
	}
	runtime.GC() // the steps that count begin with a collector at rest
	before, start := readHeap(), time.Now()
	for range steps {
		if err := step(); err != nil {
			return f, err
		}
	}
	after, seconds := readHeap(), time.Since(start).Seconds()
	f = footprint{Steps: steps, Allocations: after.objects - before.objects, AllocatedBytes: after.bytes - before.bytes,
		Collections: after.collections - before.collections, CollectorSeconds: after.seconds - before.seconds,
		ProcessorSeconds: seconds * float64(runtime.GOMAXPROCS(0))}
	if f.PeakBytes, err = peakmemory.Bytes(); errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return f, err
}

// heapCounts are counters of the run-time system.
type heapCounts struct {
	objects, bytes, collections uint64
	seconds                     float64 // of processors, in collections that are over
}

func readHeap() heapCounts {
	var m runtime.MemStats
	runtime.ReadMemStats(&m) // package metrics would leave out what lies in spans that are not full yet
	collector := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(collector)
	return heapCounts{objects: m.Mallocs, bytes: m.TotalAlloc, collections: uint64(m.NumGC), seconds: collector[0].Value.Float64()}
}
