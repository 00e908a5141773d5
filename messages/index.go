package messages

// index lists the edges node by node, for the nodes at one of their ends.
type index struct {
	start []int32 // [nodes+1]: the edges of node i stand at places start[i] to start[i+1]
	edge  []int32 // [edges] the number of the edge at each place; they rise within a node
	node  []int32 // [edges] the node at the edge's other end

	pieces []piece
	hubs   []hub
	chunks int // of all hubs
}

// piece is what one worker does at a time: some nodes, or some edges of a hub.
type piece struct {
	lo, hi int32 // nodes; of a hub places
	hub    int32 // the node that is the hub; -1 where the piece is nodes
	chunk  int32 // the number of the chunk, counted through all hubs
}

// hub is a node with so many edges that several workers share them.
type hub struct{ node, chunk, chunks int32 }

// The sizes of pieces. They decide the order of sums, so they never depend on the machine: a node of up to chunkEdges
// edges is one sum, a hub is a sum of the sums of chunks of chunkEdges.
const (
	pieceCost  = 256 // edges and nodes of a piece
	chunkEdges = 1 << 12
)

// fill sorts the edges by their nodes at, with the nodes other at the other end, and cuts them into pieces.
func (x *index) fill(nodes int, at, other []int32) {
	x.start = resize(x.start, nodes+1)
	clear(x.start)
	for _, i := range at {
		x.start[i+1]++
	}
	for i := range nodes {
		x.start[i+1] += x.start[i]
	}
	// start serves as the place of each node's next edge, and is moved back by one node in the end.
	x.edge, x.node = resize(x.edge, len(at)), resize(x.node, len(at))
	for k, i := range at {
		p := x.start[i]
		x.start[i]++
		x.edge[p], x.node[p] = int32(k), other[k]
	}
	copy(x.start[1:], x.start[:nodes])
	x.start[0] = 0
	x.cut(nodes)
}

// cut makes the pieces.
func (x *index) cut(nodes int) {
	x.pieces, x.hubs, x.chunks = x.pieces[:0], x.hubs[:0], 0
	first, cost := 0, 0
	end := func(i int) {
		if i > first {
			x.pieces = append(x.pieces, piece{lo: int32(first), hi: int32(i), hub: -1})
		}
		first, cost = i, 0
	}
	for i := range nodes {
		if x.degree(i) > chunkEdges {
			end(i)
			x.cutHub(i)
			first = i + 1
			continue
		}
		if cost += x.degree(i) + 1; cost >= pieceCost {
			end(i + 1)
		}
	}
	end(nodes)
}

func (x *index) cutHub(i int) {
	h := hub{node: int32(i), chunk: int32(x.chunks)}
	for lo, end := int(x.start[i]), int(x.start[i+1]); lo < end; lo += chunkEdges {
		x.pieces = append(x.pieces, piece{lo: int32(lo), hi: int32(min(lo+chunkEdges, end)), hub: int32(i), chunk: int32(x.chunks)})
		x.chunks++
		h.chunks++
	}
	x.hubs = append(x.hubs, h)
}

func (x *index) degree(i int) int { return int(x.start[i+1]) - int(x.start[i]) }
