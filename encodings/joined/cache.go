package joined

import "sync"

// Cache keeps statistics of graphs from one batch to the next, so that spectra and walks are computed once a graph and
// not once an epoch. It takes what comes until it is full, and then keeps that: under shuffled epochs no choice is
// better. One cache serves one source of graphs, whose numbers are its keys, and any encodings of it. A nil *Cache keeps
// nothing. It is safe for concurrent use.
type Cache struct {
	mu   sync.Mutex
	left int64
	kept map[cacheKey][]float32
}

type cacheKey struct {
	statistic statistic
	item      int
}

// entryBytes is what an entry costs beyond its numbers, about.
const entryBytes = 128

// NewCache returns a cache that takes at most about the given number of bytes.
func NewCache(bytes int64) *Cache { return &Cache{left: bytes, kept: map[cacheKey][]float32{}} }

// get copies what is kept of an item, and tells whether it is.
func (c *Cache) get(s statistic, item int, out []float32) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	kept, ok := c.kept[cacheKey{s, item}]
	c.mu.Unlock()
	return ok && len(kept) == len(out) && copy(out, kept) == len(out)
}

// put keeps a copy, where there is room for it.
func (c *Cache) put(s statistic, item int, numbers []float32) {
	if c == nil {
		return
	}
	size, key := int64(4*len(numbers))+entryBytes, cacheKey{s, item}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.kept[key]; known || size > c.left {
		return
	}
	c.left -= size
	c.kept[key] = append([]float32(nil), numbers...)
}
