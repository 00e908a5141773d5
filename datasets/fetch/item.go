package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// Item is a data set as its publishers offer it.
type Item struct {
	// Name is what users say: lower-case letters, digits and hyphens.
	Name string
	// Title says in a line what it is.
	Title string
	// Folder is the place below the cache, slash-separated; several items may share one.
	// "" means Name.
	Folder string
	// Files are fetched in this order.
	Files []File
	// Verified says in a sentence how far the content is known: what of it has a published
	// hash, and where that comes from.
	Verified string

	convert conversion // of files that have another form than package datasets reads
}

// File is a file to be fetched.
type File struct {
	// Name is the place below the item's folder, slash-separated.
	Name string
	// URLs are the addresses; the next is tried where one fails.
	URLs []string
	// Size is the length in bytes; 0 where it is not known.
	Size int64
	// MaxSize is the most that is accepted where Size is not known; 0 means
	// [DefaultMaxSize].
	MaxSize int64
	// SHA256 is the hash in hexadecimal digits; "" where none was published.
	SHA256 string
	// MD5 is the hash in hexadecimal digits, for files of which only that is known. It
	// tells damage, and not an attacker.
	MD5 string
	// Unpack says what kind of archive this is. It stays where it is, and its members are
	// put beside it.
	Unpack Unpack
	// Members are those wanted of the archive, all others being left in it; nil means all.
	// For Gzip it may name the one file.
	Members []Member
	// Limits guard unpacking.
	Limits Limits
}

// Member is a file in an archive.
type Member struct {
	Name   string // in the archive, slash-separated
	SHA256 string // of its content; "" where that is not known
}

// DefaultMaxSize is the most bytes that are accepted of a file of unknown size.
const DefaultMaxSize = 1 << 30

// Unpack is a kind of archive.
type Unpack int

// The kinds: a plain file, a zip archive, one compressed file, a compressed tar archive.
const (
	None Unpack = iota
	Zip
	Gzip
	TarGz
)

var unpackNames = [...]string{"none", "zip", "gzip", "tar.gz"}

// String names the kind.
func (u Unpack) String() string {
	if u < None || u > TarGz {
		return fmt.Sprintf("Unpack(%d)", int(u))
	}
	return unpackNames[u]
}

// Limits guard against archives that would fill the disk. The zero value is the
// default.
type Limits struct {
	Bytes   int64 // of all members together; 0 means [DefaultBytes]
	Members int   // entries, wanted or not; 0 means [DefaultMembers]
	Ratio   int64 // unpacked bytes to packed ones, above the first MiB; 0 means [DefaultRatio]
}

// The default limits.
const (
	DefaultBytes   = 4 << 30
	DefaultMembers = 100_000
	DefaultRatio   = 100
)

// free is what may be unpacked whatever the ratio says: text of zeros compresses well.
const free = 1 << 20

func (l Limits) filled() Limits {
	if l.Bytes == 0 {
		l.Bytes = DefaultBytes
	}
	if l.Members == 0 {
		l.Members = DefaultMembers
	}
	if l.Ratio == 0 {
		l.Ratio = DefaultRatio
	}
	return l
}

// most is the number of bytes that a file of the given size may unpack to.
func (l Limits) most(packed int64) int64 {
	byRatio := l.Bytes
	if packed < (l.Bytes-free)/l.Ratio {
		byRatio = free + packed*l.Ratio
	}
	return min(l.Bytes, byRatio)
}

// most is the number of bytes that are accepted of the file.
func (f File) most() int64 {
	switch {
	case f.Size > 0:
		return f.Size
	case f.MaxSize > 0:
		return f.MaxSize
	}
	return DefaultMaxSize
}

// Verification says what of the file is checked: "size and SHA-256", "MD5", "its members'
// SHA-256" and the like, or "" for nothing but a limit on the size.
func (f File) Verification() string {
	var parts []string
	if f.Size > 0 {
		parts = append(parts, "size")
	}
	if f.SHA256 != "" {
		parts = append(parts, "SHA-256")
	}
	if f.MD5 != "" {
		parts = append(parts, "MD5")
	}
	for _, m := range f.Members {
		if m.SHA256 != "" {
			parts = append(parts, "its members' SHA-256")
			break
		}
	}
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	return strings.Join(parts, "")
}

// folder is the place of the item below the cache.
func (i Item) folder() string {
	if i.Folder == "" {
		return i.Name
	}
	return i.Folder
}

// fingerprint changes with all that decides what the item's files contain.
func (i Item) fingerprint() string {
	type file struct {
		Name, SHA256, MD5 string
		Size              int64
		Unpack            Unpack
		Members           []Member
	}
	parts := struct {
		Folder, Convert string
		Files           []file
	}{i.folder(), i.convert.version, nil}
	for _, f := range i.Files {
		parts.Files = append(parts.Files, file{f.Name, f.SHA256, f.MD5, f.Size, f.Unpack, f.Members})
	}
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // strings and numbers only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// check tells what is wrong with an item that a program made.
func (i Item) check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("fetch: item %q: %s", i.Name, fmt.Sprintf(format, args...))
	}
	if i.Name == "" || strings.Trim(i.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return bad("its name must be of a-z, 0-9 and hyphens")
	}
	if reason := badName(i.folder()); reason != "" {
		return bad("folder %q: %s", i.Folder, reason)
	}
	for _, f := range i.Files {
		if reason := badName(f.Name); reason != "" {
			return bad("file %q: %s", f.Name, reason)
		}
		if f.Size < 0 || f.MaxSize < 0 || f.Limits.Bytes < 0 || f.Limits.Members < 0 || f.Limits.Ratio < 0 {
			return bad("file %q: a size or limit is negative", f.Name)
		}
		if f.Unpack < None || f.Unpack > TarGz {
			return bad("file %q: unknown kind of archive %d", f.Name, f.Unpack)
		}
		if f.Unpack == Gzip && len(f.Members) > 1 {
			return bad("file %q: a gzip file has one member, not %d", f.Name, len(f.Members))
		}
		if f.Unpack == Gzip && len(f.Members) == 0 && !strings.HasSuffix(f.Name, ".gz") {
			return bad("file %q: its name does not end in .gz, so say as Member what to call its content", f.Name)
		}
		if !digits(f.SHA256, 64) || !digits(f.MD5, 32) {
			return bad("file %q: a hash is not of 64 (SHA-256) or 32 (MD5) lower-case hexadecimal digits", f.Name)
		}
		for _, m := range f.Members {
			if reason := badName(m.Name); reason != "" {
				return bad("file %q: member %q: %s", f.Name, m.Name, reason)
			}
			if !digits(m.SHA256, 64) {
				return bad("file %q: member %q: its hash is not of 64 lower-case hexadecimal digits", f.Name, m.Name)
			}
		}
		for _, u := range f.URLs {
			if !isAddress(u) {
				return bad("file %q: %q is no http or https address", f.Name, u)
			}
		}
	}
	return nil
}

// isAddress tells whether s is an http or https address.
func isAddress(s string) bool {
	a, err := url.Parse(s)
	return err == nil && a.Host != "" && (a.Scheme == "https" || a.Scheme == "http")
}

// digits tells whether s is empty or n lower-case hexadecimal digits.
func digits(s string, n int) bool {
	return s == "" || len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}
