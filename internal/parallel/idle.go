package parallel

import (
	"sync/atomic"
	"time"
)

// A training step makes hundreds of short loops with less than a tenth of a millisecond between them. A goroutine that
// sleeps takes as long to wake as such a loop lasts, so a worker that runs out of work looks out for more for a while,
// on a place of its own that a caller of For can put a task into, and only then sleeps.

const (
	spinTime   = 100 * time.Microsecond
	spinLooks  = 64 // looks between two glances at the clock
	maxWaiting = 64 // workers that can look out at the same time; more of them sleep
)

// place is where a worker that looks out finds its next task.
type place struct {
	state atomic.Int32
	task  task
	_     [64 - 24]byte // a cache line each: the workers look at their places all the time
}

// The states of a place.
const (
	free    int32 = iota // no worker looks
	looking              // a worker looks
	filling              // a caller writes the task
	filled               // the task is there
)

var (
	places [maxWaiting]place
	parked = make(chan task) // sleeping workers receive from it
)

// hand gives t to a worker that looks out, to one that sleeps, or to a new one where there is none.
func hand(t task) {
	for i := range places {
		p := &places[i]
		if p.state.Load() == looking && p.state.CompareAndSwap(looking, filling) {
			p.task = t
			p.state.Store(filled)
			return
		}
	}
	select {
	case parked <- t:
	default:
		go serve(t)
	}
}

// serve works on t and then waits for more.
func serve(t task) {
	for {
		t.job.work(t.worker)
		t.job.release()
		t = await()
	}
}

// await returns the next task.
func await() task {
	for i := range places {
		if p := &places[i]; p.state.Load() == free && p.state.CompareAndSwap(free, looking) {
			if t, ok := p.look(); ok {
				return t
			}
			break
		}
	}
	return <-parked
}

// look looks out for a task for a while, and leaves the place.
func (p *place) look() (task, bool) {
	if !spin(func() bool { return p.state.Load() == filled }) && p.state.CompareAndSwap(looking, free) {
		return task{}, false
	}
	for p.state.Load() != filled { // a caller is writing the task
	}
	t := p.task
	p.task = task{}
	p.state.Store(free)
	return t, true
}

// spin calls done until it returns true or the time is over, and tells which.
func spin(done func() bool) bool {
	if done() {
		return true
	}
	start := time.Now()
	for {
		for range spinLooks {
			if done() {
				return true
			}
		}
		if time.Since(start) > spinTime {
			return false
		}
	}
}
