package attention

// The backward pass goes over groups of heads, as many at a time as the budget has memory for. A unit owns a chunk of the
// keys of one sequence and head: it computes their gradients, and what these keys contribute to the gradients of the
// queries. A sequence of several chunks has these parts in memory and sums them afterwards, chunk by chunk; one of a
// single chunk does without: see direct.

const (
	queryTile  = 96      // queries of a tile
	keyChunks  = 4       // chunks of a sequence's keys, at most
	backBudget = 6 << 20 // memory, in floats, of a group, if it has more than one head
	finishRows = 64      // rows of a finishUnit
)

// jobGroup is heads of keys of sequences seq0 to seq1, kv0 to kv1 of those that each has: all, if there are several
// sequences.
type jobGroup struct{ seq0, seq1, kv0, kv1 int }

// end returns the end of the group's heads among those of a sequence.
func (g *jobGroup) end(s *sequence) int { return min(g.kv1, s.kv1-s.kv0) }

// backUnit is keys from to to of a sequence, chunk number chunk, in heads kv0 to kv1. room is where the memory of head
// kv0 begins.
type backUnit struct{ seq, kv0, kv1, chunk, from, to, room int }

// finishUnit is rows from to to of a sequence in heads kv0 to kv1.
type finishUnit struct{ seq, kv0, kv1, from, to, room int }

// keyBlock returns the number of keys that stay in the cache, with all that is made of them, while the queries pass.
func (op *softmax) keyBlock() int {
	if op.d+op.dv > 160 {
		return 256
	}
	return 512
}

// chunk returns the number of keys of a sequence's chunk, and of chunks. They depend on its length alone.
func (op *softmax) chunk(s *sequence) (size, count int) {
	block := op.keyBlock()
	size = max(roundUp((s.keys+keyChunks-1)/keyChunks, block), block)
	return size, (s.keys + size - 1) / size
}

// direct reports whether the units of a sequence write the gradients of queries and keys by themselves: all keys are in
// one chunk, and no two heads add to the gradient of one angle.
func (op *softmax) direct(s *sequence) bool {
	_, chunks := op.chunk(s)
	return chunks == 1 && op.back.angleQ == nil && op.back.angleK == nil
}

// job is the memory of one head of keys of a sequence, cut from that of the group.
type job struct {
	op     *softmax
	s      *sequence
	chunks int
	rows   int // of the gradients of queries that are in memory: all, or none
	room   []float32
}

// jobRoom returns the size of a job's memory.
func (op *softmax) jobRoom(s *sequence) int {
	_, chunks := op.chunk(s)
	n := op.group * chunks * op.back.partial
	if op.direct(s) {
		return n
	}
	n += op.group*chunks*s.queries*op.d + s.keys*op.d
	if op.in.Relative != nil {
		n += op.group * chunks * s.queries * op.d
	}
	return n
}

func (op *softmax) job(s *sequence, room int) job {
	_, chunks := op.chunk(s)
	return job{op, s, chunks, s.queries, op.back.room[room : room+op.jobRoom(s)]}
}

// dk is the gradient of the turned keys [keys, d].
func (j *job) dk() []float32 { return j.room[:j.s.keys*j.op.d] }

// dq is what a chunk contributes to the gradient of the turned queries of a head of the group [queries, d].
func (j *job) dq(head, chunk int) []float32 {
	n := j.rows * j.op.d
	return j.room[j.s.keys*j.op.d+(head*j.chunks+chunk)*n:][:n]
}

// dRelative is the same for the queries of the relative keys.
func (j *job) dRelative(head, chunk int) []float32 {
	n := j.rows * j.op.d
	return j.room[j.s.keys*j.op.d+((j.op.group+head)*j.chunks+chunk)*n:][:n]
}

// sums is the gradients of biases and relative keys.
func (j *job) sums(head, chunk int) []float32 {
	n := j.op.back.partial
	return j.room[len(j.room)-(head*j.chunks+chunk+1)*n:][:n]
}

// cutGroups cuts the sequences and heads into groups.
func (op *softmax) cutGroups() {
	m := &op.memory
	m.groups = m.groups[:0]
	used := 0 // of the last group; above backBudget where it takes no more
	for b := range m.seqs {
		each, heads := op.jobRoom(&m.seqs[b]), m.seqs[b].kv1-m.seqs[b].kv0
		all := each * heads
		switch {
		case len(m.groups) > 0 && used+all <= backBudget:
			g := &m.groups[len(m.groups)-1]
			g.seq1, g.kv1 = b+1, max(g.kv1, heads)
			used += all
		case all <= backBudget || heads == 1:
			m.groups = append(m.groups, jobGroup{b, b + 1, 0, heads})
			used = all
		default:
			per := max(backBudget/each, 1)
			for kv := 0; kv < heads; kv += per {
				m.groups = append(m.groups, jobGroup{b, b + 1, kv, min(kv+per, heads)})
			}
			used = backBudget + 1
		}
	}
}

// cutGroup cuts a group into units and returns the memory it takes.
func (op *softmax) cutGroup(g jobGroup) int {
	m := &op.memory
	m.units = m.units[:0]
	room := 0
	for b := g.seq0; b < g.seq1; b++ {
		s := &m.seqs[b]
		size, chunks := op.chunk(s)
		each, step := op.jobRoom(s), 1
		if op.back.together {
			step = g.end(s) - g.kv0
		}
		for kv := s.kv0 + g.kv0; kv < s.kv0+g.end(s); kv += step {
			for c := range chunks {
				m.units = append(m.units, backUnit{b, kv, kv + step, c, c * size, min((c+1)*size, s.keys), room})
			}
			room += step * each
		}
	}
	return room
}

// cutFinish cuts the rows of those of a group's sequences whose units leave the gradients in memory.
func (op *softmax) cutFinish(g jobGroup, rows func(*sequence) int) {
	m := &op.memory
	m.finish = m.finish[:0]
	room := 0
	for b := g.seq0; b < g.seq1; b++ {
		s := &m.seqs[b]
		for from := 0; from < rows(s) && !op.direct(s); from += finishRows {
			m.finish = append(m.finish, finishUnit{b, s.kv0 + g.kv0, s.kv0 + g.end(s), from, min(from+finishRows, rows(s)), room})
		}
		room += (g.end(s) - g.kv0) * op.jobRoom(s)
	}
}

func queriesOf(s *sequence) int { return s.queries }
func keysOf(s *sequence) int    { return s.keys }
