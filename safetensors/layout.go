package safetensors

import (
	"fmt"
	"sort"
)

// span is where the data of tensor i lie.
type span struct {
	begin, end int64
	i          uint32
}

// spans sorts spans by begin, then end, so that empty ones come before the tensor that starts at the same place.
type spans []span

func (s spans) Len() int      { return len(s) }
func (s spans) Swap(i, j int) { s[i], s[j] = s[j], s[i] }
func (s spans) Less(i, j int) bool {
	if s[i].begin != s[j].begin {
		return s[i].begin < s[j].begin
	}
	return s[i].end < s[j].end
}

// checkLayout sees that the tensors cover size data bytes exactly: from the first to the last, no gap, no overlap.
func (h *header) checkLayout(size int64) error {
	all := make(spans, len(h.tensors))
	for i := range h.tensors {
		e := h.entry(i)
		all[i] = span{e.begin, e.end, uint32(i)}
	}
	sort.Sort(all)
	name := func(i int) string { return h.key(int(h.tensors[all[i].i])) }
	end := int64(0)
	for i, s := range all {
		switch {
		case s.begin > end && i == 0:
			return tensorError(name(0), fmt.Sprintf("the first tensor's data begin at offset %d, not at 0", s.begin), "")
		case s.begin > end:
			return tensorError(name(i), fmt.Sprintf("its data begin at offset %d, but the tensor before ends at %d: bytes that belong to no tensor are refused", s.begin, end), "")
		case s.begin < end:
			return tensorError(name(i), fmt.Sprintf("its data at offsets [%d, %d] overlap those of tensor %s, which end at %d", s.begin, s.end, quote(name(i-1)), end), "")
		case s.end > size:
			return tensorError(name(i), fmt.Sprintf("its data end at offset %d, but the file holds %d data bytes", s.end, size), "the file is truncated: copy or download it again")
		}
		end = s.end
	}
	if end < size {
		return headerError(fmt.Sprintf("%d bytes follow the last tensor's data, which end at offset %d of %d", size-end, end, size), "")
	}
	return nil
}
