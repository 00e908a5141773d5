package graft_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is the path that the house's own imports begin with.
const module = "github.com/graft-ml/graft"

// below says, for every package, which other packages of the house it may import;
// "..." allows all below that folder. A package that is not listed has no place in
// the house yet: give it one here. Tests may import more.
var below = map[string][]string{
	"":                       {},
	"internal/appendjson":    {},
	"internal/bounded":       {},
	"internal/bytesize":      {},
	"internal/tap":           {},
	"internal/held":          {},
	"internal/sysmemory":     {},
	"internal/splitmix":      {},
	"internal/nearest":       {},
	"internal/npy":           {},
	"internal/settings":      {},
	"internal/parallel":      {},
	"internal/peakmemory":    {},
	"internal/processortime": {},
	"internal/simd":          {},
	"internal/simd/asm":      {},
	"internal/golden":        {"safetensors", "tensor"},
	"safetensors":            {},
	"tensor":                 {"internal/..."},
	"nn":                     {"tensor", "internal/..."},
	"optim":                  {"nn", "tensor", "internal/..."},
	"attention":              {"nn", "tensor", "internal/..."},
	"messages":               {"tensor", "internal/..."},
	"graphs":                 {"internal/..."},
	"graphs/smiles":          {"graphs", "internal/..."},
	"graphs/features":        {"graphs", "nn", "tensor", "internal/..."},
	"graphs/spectra":         {"graphs", "internal/..."},
	"graphs/neighbours":      {"graphs", "internal/..."},
	"graphs/depict":          {"graphs", "graphs/smiles", "internal/..."},
	"encodings":              {"graphs", "graphs/spectra", "attention", "nn", "tensor", "internal/..."},
	"encodings/joined":       {"graphs", "graphs/spectra", "messages", "attention", "nn", "tensor", "internal/..."},
	"encodings/encodingtest": {"encodings", "graphs", "attention", "nn", "tensor"},
	"graphs/gps":             {"graphs", "graphs/features", "encodings", "encodings/joined", "messages", "attention", "nn", "tensor", "internal/..."},
	"datasets":               {"graphs", "internal/..."},
	"datasets/fetch":         {"datasets", "datasets/imagesets", "datasets/unpickle", "internal/..."},
	"datasets/files":         {"datasets", "graphs/...", "internal/..."},
	"datasets/clips":         {"datasets", "motion", "motion/...", "internal/..."},
	"datasets/lengths":       {"internal/nearest", "internal/splitmix"},
	"datasets/tableqa":       {"datasets", "tables", "internal/..."},
	"datasets/records":       {"datasets", "datasets/files", "tables", "tables/open", "tokenize", "internal/..."},
	"datasets/unpickle":      {},
	"datasets/imagesets":     {"datasets", "vision/images", "internal/..."},
	"vision":                 {"vision/images", "encodings", "attention", "nn", "tensor", "internal/..."},
	"vision/cswin":           {"vision", "attention", "nn", "tensor", "safetensors", "internal/..."},
	"vision/ela":             {"vision", "nn", "tensor", "internal/..."},
	"vision/polyphase":       {"vision", "encodings", "nn", "tensor", "internal/..."},
	"vision/twins":           {"vision", "vision/polyphase", "attention", "nn", "tensor", "internal/..."},
	"vision/images":          {"internal/..."},
	"grit":                   {"graphs", "graphs/features", "encodings", "attention", "nn", "tensor", "safetensors", "internal/..."},
	"sequences":              {"encodings", "attention", "nn", "tensor", "safetensors", "internal/..."},
	"tokenize":               {"internal/..."},
	"motion":                 {"safetensors", "internal/..."},
	"motion/bvh":             {"motion", "internal/..."},
	"motion/open":            {"motion", "motion/bvh", "safetensors", "internal/..."},
	"motion/render":          {"motion", "internal/..."},
	"motion/tokenizer":       {"motion", "nn", "tensor", "safetensors", "internal/..."},
	"motion/reconstruction":  {"motion", "motion/tokenizer", "train", "nn", "tensor", "internal/..."},
	"motion/dit":             {"motion", "encodings", "attention", "nn", "tensor", "internal/..."},
	"tables":                 {"tokenize", "internal/..."},
	"tables/excel":           {"tables", "internal/..."},
	"tables/open":            {"tables", "tables/excel", "internal/..."},
	"tables/classify":        {"tables", "tables/decoder", "tokenize", "sequences", "nn", "tensor", "internal/..."},
	"tables/decoder":         {"tables", "tokenize", "sequences", "encodings", "nn", "tensor", "train/checkpoint", "internal/..."},
	"train/checkpoint":       {"safetensors", "tensor", "internal/..."},
	"train":                  {"train/checkpoint", "optim", "nn", "tensor", "safetensors", "internal/..."},
	"report":                 {"train", "internal/..."},
	"speed":                  {"grit", "graphs/gps", "sequences", "tables", "vision", "vision/cswin", "attention", "encodings", "datasets", "graphs", "optim", "nn", "tensor", "internal/..."},
	"studies/internal/trial": {"train/checkpoint", "optim", "nn", "tensor"},
	"studies/expressivity":   {"studies/internal/trial", "datasets", "encodings", "graphs", "grit", "nn", "optim", "tensor", "internal/..."},
	"studies":                {"studies/internal/trial", "sequences", "datasets/lengths", "encodings", "optim", "nn", "tensor", "internal/..."},
	"recipes": {"train/...", "grit", "datasets", "datasets/files", "datasets/records", "datasets/tableqa", "tables", "tables/classify", "tables/decoder", "tokenize", "datasets/imagesets", "vision", "vision/cswin", "vision/images", "datasets/clips", "motion", "motion/tokenizer", "motion/reconstruction", "encodings", "attention", "graphs", "graphs/features", "graphs/gps", "graphs/neighbours", "optim", "nn", "tensor", "safetensors",
		"internal/..."},
	"datasets/tableqa/baseline": {
		"datasets/tableqa", "tables"},
	"studies/tables":    {"studies/internal/trial", "studies", "tables", "tables/decoder", "tokenize", "datasets", "datasets/tableqa", "sequences", "encodings", "optim", "nn", "internal/..."},
	"studies/vision":    {"studies/internal/trial", "studies", "vision", "vision/polyphase", "vision/images", "datasets/imagesets", "encodings", "optim", "nn", "tensor", "internal/..."},
	"studies/scaling":   {"recipes", "graphs", "graphs/features", "graphs/gps", "grit", "optim", "nn", "tensor", "internal/..."},
	"studies/benchmark": {"recipes", "train/...", "encodings/joined", "graphs/gps", "grit", "datasets", "nn", "internal/..."},
	"cmd/graft":         {"recipes", "report", "speed", "studies/...", "sequences", "tables/...", "datasets/lengths", "encodings", "encodings/joined", "train/...", "grit", "datasets", "datasets/files", "datasets/fetch", "datasets/records", "datasets/tableqa", "datasets/imagesets", "datasets/clips", "motion", "motion/...", "vision", "vision/images", "graphs/...", "nn", "tensor", "safetensors", "internal/..."},
}

// room is one package's folder.
type room struct {
	dir   string // relative to the module, "" for the root
	name  string // package name
	files map[string]*ast.File
	tests map[string]*ast.File
	lines map[string]int
	fset  *token.FileSet
}

// rooms parses every package of the module.
func rooms(t *testing.T) []*room {
	t.Helper()
	byDir := map[string]*room{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); p != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "runs") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); p != "." && err == nil {
				return filepath.SkipDir // a module of its own
			}
			return nil
		}
		if filepath.Ext(p) != ".go" {
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(p))
		if dir == "." {
			dir = ""
		}
		r := byDir[dir]
		if r == nil {
			r = &room{dir: dir, files: map[string]*ast.File{}, tests: map[string]*ast.File{}, lines: map[string]int{}, fset: token.NewFileSet()}
			byDir[dir] = r
		}
		source, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(r.fset, p, source, parser.ParseComments)
		if err != nil {
			return err
		}
		r.lines[p] = bytes.Count(source, []byte("\n"))
		if strings.HasSuffix(p, "_test.go") {
			r.tests[p] = f
		} else {
			r.files[p], r.name = f, f.Name.Name
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var list []*room
	for _, dir := range slices.Sorted(keys(byDir)) {
		list = append(list, byDir[dir])
	}
	return list
}

func keys(m map[string]*room) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// all calls f with every file of the room, tests included.
func (r *room) all(f func(path string, file *ast.File)) {
	for _, set := range []map[string]*ast.File{r.files, r.tests} {
		for p, file := range set {
			f(p, file)
		}
	}
}

// public tells whether others may import the room.
func (r *room) public() bool { return r.name != "main" && !strings.Contains("/"+r.dir, "/internal") }

func TestPackageComments(t *testing.T) {
	for _, r := range rooms(t) {
		if len(r.files) == 0 {
			continue
		}
		var text string
		for _, f := range r.files {
			text += f.Doc.Text()
		}
		if len(text) < 80 {
			t.Errorf("%s: want a package comment that says what the package is for (has %d characters)", r.dir, len(text))
		}
		if !r.public() {
			continue
		}
		for _, heading := range []string{"Errors", "Imports"} {
			if !strings.Contains(text, "# "+heading+"\n") {
				t.Errorf("%s: the package comment has no heading %q", r.dir, heading)
			}
		}
		if !strings.Contains(text, "\n\t") && r.dir != "" { // the root's use is its example
			t.Errorf("%s: the package comment shows no code", r.dir)
		}
	}
}

func TestFileLength(t *testing.T) {
	const most = 500
	for _, r := range rooms(t) {
		r.all(func(p string, f *ast.File) {
			if n := r.lines[p]; n > most && !ast.IsGenerated(f) {
				t.Errorf("%s has %d lines, want at most %d: is it one subject?", p, n, most)
			}
		})
	}
}

func TestNames(t *testing.T) {
	vague := []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "shared"}
	for _, r := range rooms(t) {
		for _, part := range strings.Split(r.dir, "/") {
			if slices.Contains(vague, part) {
				t.Errorf("%s: %q says nothing: name the package for its subject", r.dir, part)
			}
		}
		if slices.Contains(vague, r.name) {
			t.Errorf("%s: package %s: name it for its subject", r.dir, r.name)
		}
		r.all(func(p string, _ *ast.File) {
			stem := strings.TrimSuffix(strings.TrimSuffix(path.Base(filepath.ToSlash(p)), ".go"), "_test")
			if slices.Contains(vague, stem) {
				t.Errorf("%s: name the file for its subject", p)
			}
		})
	}
}

// TestNoExportedGenerics keeps the whole API callable from interpreters, which
// skip generic names.
func TestNoExportedGenerics(t *testing.T) {
	for _, r := range rooms(t) {
		if !r.public() {
			continue
		}
		for p, f := range r.files {
			for _, d := range f.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Type.TypeParams != nil && d.Name.IsExported() {
						t.Errorf("%s: func %s is generic and exported", p, d.Name)
					}
				case *ast.GenDecl:
					for _, spec := range d.Specs {
						if s, ok := spec.(*ast.TypeSpec); ok && s.TypeParams != nil && s.Name.IsExported() {
							t.Errorf("%s: type %s is generic and exported", p, s.Name)
						}
					}
				}
			}
		}
	}
}

func TestImportsRunDownwards(t *testing.T) {
	for _, r := range rooms(t) {
		if len(r.files) == 0 {
			continue
		}
		allowed, known := below[r.dir]
		if !known {
			t.Errorf("package %q has no place in the house: say in house_test.go what it may import", r.dir)
			continue
		}
		for p, f := range r.files {
			for _, spec := range f.Imports {
				imported, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
				if ours && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, imported) }) {
					t.Errorf("%s imports %s, which is not below %s: allowed are %v", p, imported, r.dir, allowed)
				}
			}
		}
	}
}

// covers tells whether an entry of below allows the import of a package.
func covers(allowed, imported string) bool {
	if tree, ok := strings.CutSuffix(allowed, "/..."); ok {
		return imported == tree || strings.HasPrefix(imported, tree+"/")
	}
	return imported == allowed
}

func TestDocComments(t *testing.T) {
	for _, r := range rooms(t) {
		if r.name == "main" {
			continue
		}
		var files []*ast.File
		for _, f := range r.files {
			files = append(files, f)
		}
		if len(files) == 0 {
			continue
		}
		p, err := doc.NewFromFiles(r.fset, files, module+"/"+r.dir)
		if err != nil {
			t.Fatalf("%s: %v", r.dir, err)
		}
		missing := func(name, text string) {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s has no doc comment", r.dir, name)
			}
		}
		values := func(list []*doc.Value) {
			for _, v := range list {
				if v.Doc != "" {
					continue
				}
				for _, spec := range v.Decl.Specs {
					s := spec.(*ast.ValueSpec)
					for _, name := range s.Names {
						if name.IsExported() {
							missing(name.Name, s.Doc.Text()+s.Comment.Text())
						}
					}
				}
			}
		}
		functions := func(list []*doc.Func) {
			for _, f := range list {
				missing(strings.TrimPrefix(f.Recv+"."+f.Name, "."), f.Doc)
			}
		}
		values(p.Consts)
		values(p.Vars)
		functions(p.Funcs)
		for _, typ := range p.Types {
			missing(typ.Name, typ.Doc)
			values(typ.Consts)
			values(typ.Vars)
			functions(typ.Funcs)
			functions(typ.Methods)
		}
	}
}

func TestExamples(t *testing.T) {
	for _, r := range rooms(t) {
		if !r.public() || len(r.files) == 0 {
			continue
		}
		var tests []*ast.File
		for _, f := range r.tests {
			tests = append(tests, f)
		}
		checked := slices.ContainsFunc(doc.Examples(tests...), func(e *doc.Example) bool {
			return e.Output != "" || e.EmptyOutput
		})
		if !checked {
			t.Errorf("%s: want an Example with checked output", r.dir)
		}
	}
}

func TestNothingLeftOpen(t *testing.T) {
	for _, r := range rooms(t) {
		r.all(func(p string, f *ast.File) {
			for _, group := range f.Comments {
				for _, word := range []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"} {
					if strings.Contains(group.Text(), word) {
						t.Errorf("%s: a comment says %s", r.fset.Position(group.Pos()), word)
					}
				}
			}
		})
	}
}

// TestReadme holds the README to its length and its Go code to the example that is
// tested.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(readme, []byte("\n")); n > 120 {
		t.Errorf("README.md has %d lines, want at most 120", n)
	}
	_, code, found := strings.Cut(string(readme), "```go\n")
	code, _, closed := strings.Cut(code, "```")
	if !found || !closed {
		t.Fatal("README.md has no Go code")
	}
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(example), indent(code)) {
		t.Errorf("the Go code of README.md is not that of example_test.go:\n%s", code)
	}
	for _, link := range []string{"](", `src="`} {
		for _, part := range strings.Split(string(readme), link)[1:] {
			target := part[:strings.IndexAny(part, `)"`)]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "#") {
				continue
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("README.md points to %s: %v", target, err)
			}
		}
	}
}

// indent puts a tab before every line that is not empty.
func indent(code string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(code, "\n") {
		if strings.TrimSpace(line) != "" {
			b.WriteString("\t")
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestRuleParts(t *testing.T) {
	for _, c := range []struct {
		allowed, imported string
		want              bool
	}{
		{"tensor", "tensor", true}, {"tensor", "tensors", false}, {"internal/...", "internal/simd", true}, {"internal/...", "internals", false}, {"nn", "nn/x", false},
	} {
		if got := covers(c.allowed, c.imported); got != c.want {
			t.Errorf("covers(%s, %s) = %v", c.allowed, c.imported, got)
		}
	}
	if got, want := indent("a\n\n\tb\n"), "\ta\n\n\t\tb\n"; got != want {
		t.Errorf("indent: %q, want %q", got, want)
	}
}
