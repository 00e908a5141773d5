package speed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// solo is how a figure is measured that needs a process of its own.
type solo struct {
	mode   string
	value  func(f footprint) float64
	remark func(list []footprint) string // for the note
}

func (s *solo) series(list []footprint) series {
	var all series
	for _, f := range list {
		all = append(all, s.value(f))
	}
	return all
}

// What the process does.
const (
	modeTrain   = "train"
	modeForward = "forward"
)

func soloKinds() []kind {
	return []kind{
		{Entry: Entry{"grit_zinc_peak_rss", "MB", "GRIT on ZINC: peak memory of a process that trains"}, alone: &solo{modeTrain, memory, remarkMemory}},
		{Entry: Entry{"grit_zinc_forward_peak_rss", "MB", "GRIT on ZINC: peak memory of a process that evaluates"}, alone: &solo{modeForward, memory, remarkMemory}},
		{Entry: Entry{"allocs_per_step", "allocations", "on the heap, in a steady training step"},
			alone: &solo{modeTrain, func(f footprint) float64 { return float64(f.Allocations) / float64(f.Steps) }, remarkAllocated}},
		{Entry: Entry{"gc_share", partUnit, "processor time that the collector takes in steady training steps"},
			alone: &solo{modeTrain, func(f footprint) float64 { return f.CollectorSeconds / f.ProcessorSeconds }, remarkCollections}},
	}
}

// memory is the peak in MB, not a number where the system does not tell it.
func memory(f footprint) float64 {
	if f.PeakBytes <= 0 {
		return math.NaN()
	}
	return float64(f.PeakBytes) / megabyte
}

func remarkMemory(list []footprint) string {
	if list[0].PeakBytes <= 0 {
		return "how to ask " + runtime.GOOS + " for it is not known"
	}
	return ""
}

func remarkAllocated(list []footprint) string {
	var all series
	for _, f := range list {
		all = append(all, float64(f.AllocatedBytes)/float64(f.Steps)/1e3)
	}
	return fmt.Sprintf("%.0f kB a step, batch included", all.median())
}

func remarkCollections(list []footprint) string {
	collections, steps := uint64(0), 0
	for _, f := range list {
		collections += f.Collections
		steps += f.Steps
	}
	return fmt.Sprintf("%d collections in %d steps", collections, steps)
}

// footprints runs processes, once for each mode.
type footprints struct {
	options Options
	known   map[string][]footprint
}

// steps is the number of steps that a process does, after as many, or two for each batch, to warm up.
func (o Options) steps() int { return min(12, 3*o.Repeats) }

func (p *footprints) of(ctx context.Context, mode string) ([]footprint, error) {
	if list := p.known[mode]; list != nil {
		return list, nil
	}
	var list []footprint
	times := min(p.options.Repeats, enough)
	for i := range times {
		p.options.Status(fmt.Sprintf("process %d of %d that does %s steps alone", i+1, times, mode))
		f, err := p.run(ctx, mode)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	if p.known == nil {
		p.known = map[string][]footprint{}
	}
	p.known[mode] = list
	return list, nil
}

func (p *footprints) run(ctx context.Context, mode string) (f footprint, err error) {
	line := p.options.Alone
	if len(line) == 0 {
		return f, errors.New("a process of its own is needed: set Options.Alone to its command line")
	}
	args := append(append([]string(nil), line[1:]...), mode, strconv.Itoa(p.options.steps()))
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, line[0], args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(runtime.GOMAXPROCS(0)))
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return f, ctx.Err()
		}
		return f, fmt.Errorf("%s %s: %w: %s", line[0], strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	if err := json.Unmarshal(out.Bytes(), &f); err != nil || f.Steps <= 0 {
		return f, fmt.Errorf("%s %s: wrote %.80q, want a footprint in JSON", line[0], strings.Join(args, " "), out.String())
	}
	return f, nil
}
