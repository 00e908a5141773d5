package fetch

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// sums are what a file is known by.
type sums struct {
	size        int64
	sha256, md5 string
}

// block is how much is read at a time.
const block = 256 << 10

// hash reads a file and tells of it as Verifying.
func (w *work) hash(ctx context.Context, path, name string) (sums, error) {
	f, err := os.Open(path)
	if err != nil {
		return sums{}, err
	}
	defer f.Close() // only read from
	info, err := f.Stat()
	if err != nil {
		return sums{}, err
	}
	if !info.Mode().IsRegular() {
		return sums{}, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is not a regular file")}
	}
	long, short := sha256.New(), md5.New()
	var s sums
	buf := make([]byte, block)
	for {
		if err := ctx.Err(); err != nil {
			return sums{}, err
		}
		n, err := f.Read(buf)
		long.Write(buf[:n])
		short.Write(buf[:n])
		s.size += int64(n)
		if n > 0 {
			w.tell(name, Verifying, s.size, info.Size(), "")
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return sums{}, err
		}
	}
	s.sha256, s.md5 = hex.EncodeToString(long.Sum(nil)), hex.EncodeToString(short.Sum(nil))
	return s, nil
}

// verify compares a file with what is known of it; path is for the message.
func (w *work) verify(f File, path string, s sums) error {
	for _, c := range []struct{ kind, want, got string }{
		{"size", known(f.Size), strconv.FormatInt(s.size, 10)},
		{"SHA-256", f.SHA256, s.sha256},
		{"MD5", f.MD5, s.md5},
	} {
		if c.want != "" && c.want != c.got {
			return &ChecksumError{Item: w.item.Name, Path: path, Kind: c.kind, Want: c.want, Got: c.got}
		}
	}
	if s.size > f.most() {
		return &ChecksumError{Item: w.item.Name, Path: path, Kind: "size", Want: "at most " + strconv.FormatInt(f.most(), 10), Got: strconv.FormatInt(s.size, 10)}
	}
	return nil
}

func known(size int64) string {
	if size == 0 {
		return ""
	}
	return strconv.FormatInt(size, 10)
}
