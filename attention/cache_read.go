package attention

// Keys returns the keys that the cache has of a sequence for one of the key and value heads, [Len(b), head dim], turned as
// they were when they came. They are the cache's own, and valid until the next pass.
func (c *Cache) Keys(b, head int) []float32 { return c.seqs[b].keys[head] }

// Values returns the values likewise, [Len(b), value dim].
func (c *Cache) Values(b, head int) []float32 { return c.seqs[b].values[head] }
