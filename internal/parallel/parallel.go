package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Body is work that can be cut into pieces: Run does the items lo <= i < hi. worker, below [Workers] at the time of the
// call, names the goroutine for the choice of scratch memory; results must not depend on it.
type Body interface {
	Run(worker, lo, hi int)
}

// Func makes a Body of a function that needs no worker number.
type Func func(lo, hi int)

// Run calls f.
func (f Func) Run(_, lo, hi int) { f(lo, hi) }

// Workers returns the number of goroutines that a call of [For] may use at present: GOMAXPROCS.
func Workers() int { return runtime.GOMAXPROCS(0) }

// Chunks returns the number of pieces that For makes of n items.
func Chunks(n, grain int) int { return (n + grain - 1) / grain }

// For runs body over the items 0 <= i < n in pieces of grain items (the last may be shorter) and returns when all are
// done. The pieces depend on n and grain alone, so a body that computes each piece by itself gives the same bits on any
// number of processors. Calls may be nested. A panic in a piece is passed on to the caller.
func For(n, grain int, body Body) {
	if n <= 0 {
		return
	}
	if grain <= 0 {
		panic("parallel: For: grain must be positive")
	}
	chunks := Chunks(n, grain)
	workers := min(Workers(), chunks)
	if workers == 1 {
		for lo := 0; lo < n; lo += grain {
			body.Run(0, lo, min(lo+grain, n))
		}
		return
	}
	j := jobs.Get().(*job)
	j.body, j.n, j.grain = body, n, grain
	j.next.Store(0)
	j.left.Store(int64(chunks))
	j.refs.Store(int64(workers))
	j.state.Store(running)
	for w := 1; w < workers; w++ {
		hand(task{j, w})
	}
	j.work(0)
	j.wait()
	failure := j.failure.Swap(nil)
	j.release()
	if failure != nil {
		panic(failure.value)
	}
}

// job is one call of For. Its goroutines draw pieces from next.
type job struct {
	body     Body
	n, grain int
	next     atomic.Int64
	left     atomic.Int64 // pieces not done
	refs     atomic.Int64 // goroutines that may still look at the job
	state    atomic.Int32
	failure  atomic.Pointer[failure]
	done     chan struct{}
}

// The states of a job.
const (
	running int32 = iota
	asleep        // the caller waits for the channel done
	over          // all pieces are done
)

type failure struct{ value any }

type task struct {
	job    *job
	worker int
}

// jobs are the job structures that are not in use. Like the idle workers they carry no results.
var jobs = sync.Pool{New: func() any { return &job{done: make(chan struct{}, 1)} }}

func (j *job) work(worker int) {
	chunks := int64(Chunks(j.n, j.grain))
	for {
		c := j.next.Add(1) - 1
		if c >= chunks {
			return
		}
		j.piece(worker, int(c)*j.grain)
		if j.left.Add(-1) == 0 && j.state.Swap(over) == asleep {
			j.done <- struct{}{}
		}
	}
}

// piece runs one piece and keeps the first panic for the caller of For.
func (j *job) piece(worker, lo int) {
	defer func() {
		if r := recover(); r != nil {
			j.failure.CompareAndSwap(nil, &failure{r})
		}
	}()
	j.body.Run(worker, lo, min(lo+j.grain, j.n))
}

// wait returns when all pieces are done. The last of them is as a rule a few microseconds away, less than it takes to
// put a goroutine to sleep and wake it again: so it looks for a while before it sleeps.
func (j *job) wait() {
	if spin(func() bool { return j.state.Load() == over }) {
		return
	}
	if j.state.CompareAndSwap(running, asleep) {
		<-j.done
	}
}

// release puts the job back once nobody looks at it any more.
func (j *job) release() {
	if j.refs.Add(-1) == 0 {
		j.body = nil
		jobs.Put(j)
	}
}
