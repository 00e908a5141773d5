package safetensors

import (
	"fmt"
	"hash/crc32"
	"strings"
)

// sumKey is the metadata key of the header's checksum; with a dot and a tensor's name behind it, of that tensor's.
const sumKey = "crc32c"

// emptySum stands for the header's checksum while that is computed.
const emptySum = "00000000"

// reserved tells whether a metadata key belongs to the checksums.
func reserved(key string) bool { return key == sumKey || strings.HasPrefix(key, sumKey+".") }

func sumTable() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

func sumString(sum uint32) string { return fmt.Sprintf("%08x", sum) }

const damaged = "the file was damaged: take another copy"

// checkHeaderSum sees that there are either no checksums or all, and verifies that of the header. raw is the header with
// its length bytes.
func (f *File) checkHeaderSum(raw []byte) error {
	own, sums := -1, 0
	for _, at := range f.h.meta {
		switch key := f.h.key(int(at)); {
		case key == sumKey:
			own = int(at)
		case reserved(key):
			sums++
		}
	}
	if own < 0 && sums == 0 {
		if f.opt.RequireChecksums {
			return headerError("the file has no checksums", "it was not written by WriteChecked, or was damaged")
		}
		return nil
	}
	f.sums = true
	if own < 0 {
		return headerError("the checksum of the header is missing, tensors have theirs", damaged)
	}
	value, first := f.h.value(own)
	// Three pieces, the value of the key itself as zeros between them.
	first += 8
	table := sumTable()
	sum := crc32.Update(0, table, raw[:first])
	sum = crc32.Update(sum, table, []byte(emptySum))
	sum = crc32.Update(sum, table, raw[first+len(value):])
	if string(value) != sumString(sum) {
		e := headerError(fmt.Sprintf("its bytes have the CRC-32C %s, stated is %s", sumString(sum), quote(string(value))), damaged)
		e.Err = ErrChecksum
		return e
	}
	for _, at := range f.h.tensors {
		name := f.h.key(int(at))
		if _, ok := f.h.find(f.h.meta, sumKey+"."+name); !ok {
			return tensorError(name, "its checksum is missing, others have theirs", damaged)
		}
	}
	if sums != len(f.h.tensors) {
		return headerError(fmt.Sprintf("there are %d tensor checksums for %d tensors", sums, len(f.h.tensors)), damaged)
	}
	return nil
}

// checkSum compares the CRC of a tensor's bytes with the stated one.
func (f *File) checkSum(name string, sum uint32) error {
	if !f.sums {
		return nil
	}
	i, _ := f.h.find(f.h.meta, sumKey+"."+name) // exists: see checkHeaderSum
	if value, _ := f.h.value(int(f.h.meta[i])); string(value) != sumString(sum) {
		e := tensorError(name, fmt.Sprintf("its bytes have the CRC-32C %s, stated is %s", sumString(sum), quote(string(value))), damaged)
		e.Err = ErrChecksum
		return e
	}
	return nil
}

// Verify reads all data and returns the first checksum that does not match. A file without checksums is only read.
func (f *File) Verify() error {
	for i, at := range f.h.tensors {
		e := f.h.entry(i)
		if err := f.stream(f.h.key(int(at)), e.begin, e.end, func([]byte) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}
