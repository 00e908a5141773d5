package settings

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// Reader reads the settings of one family of structs.
type Reader struct {
	// Unknown makes the error of a setting that there is none of; known are those there are.
	Unknown func(name string, known []string) error
	// Interface reads a value for a field that is an interface, from its name; nil refuses it.
	Interface func(text string) (any, error)
}

// Apply returns a copy of the struct v with the fields set that settings name: each is name=value, or the name alone of a
// truth value that is to be true.
func (r Reader) Apply(v any, settings []string) (any, error) {
	out := reflect.New(reflect.TypeOf(v)).Elem()
	out.Set(reflect.ValueOf(v))
	for _, s := range settings {
		key, value, given := strings.Cut(s, "=")
		field, err := r.field(out, key)
		if err != nil {
			return nil, err
		}
		if !given {
			if field.Kind() != reflect.Bool {
				return nil, fmt.Errorf("setting %s wants a value: %s=%s", key, key, want(field))
			}
			value = "true"
		}
		if err := r.set(field, value); err != nil {
			return nil, fmt.Errorf("setting %s is %q: want %s", key, value, want(field))
		}
	}
	return out.Interface(), nil
}

// field finds the field of a dotted path of kebab-case names. Those of embedded structs count as the struct's own.
func (r Reader) field(v reflect.Value, path string) (reflect.Value, error) {
	first, rest, more := strings.Cut(path, ".")
	var names []string
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Anonymous {
			continue
		}
		name := Kebab(f.Name)
		if names = append(names, name); name != first {
			continue
		}
		field := v.FieldByIndex(f.Index)
		if !more {
			return field, nil
		}
		if field.Kind() != reflect.Struct {
			return field, fmt.Errorf("setting %s has no parts", first)
		}
		return r.field(field, rest)
	}
	return v, r.Unknown(first, names)
}

// set reads a field's value.
func (r Reader) set(field reflect.Value, text string) error {
	if u, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch field.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		field.SetBool(b)
		return err
	case reflect.Int:
		n, err := strconv.Atoi(text)
		field.SetInt(int64(n))
		return err
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		field.SetFloat(x)
		return err
	case reflect.Slice, reflect.Array:
		return r.setList(field, strings.Split(text, "x"))
	case reflect.Interface:
		if r.Interface == nil {
			break
		}
		e, err := r.Interface(text)
		if err == nil {
			field.Set(reflect.ValueOf(e))
		}
		return err
	}
	return fmt.Errorf("cannot be set by a word")
}

// setList reads the elements of a list.
func (r Reader) setList(field reflect.Value, parts []string) error {
	if field.Kind() == reflect.Slice {
		field.Set(reflect.MakeSlice(field.Type(), len(parts), len(parts)))
	}
	if field.Len() != len(parts) {
		return fmt.Errorf("wants %d numbers", field.Len())
	}
	for i, p := range parts {
		if err := r.set(field.Index(i), p); err != nil {
			return err
		}
	}
	return nil
}

// want says what values a field takes.
func want(field reflect.Value) string {
	if _, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return "one of its names"
	}
	switch field.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "numbers joined by x, such as 14x14"
	case reflect.Array:
		return fmt.Sprintf("%d numbers joined by x", field.Len())
	case reflect.Interface:
		return "the name of a setting of its own"
	case reflect.Struct:
		return "a value for one of its parts, after a dot"
	}
	return "what only a program can set"
}

// Kebab returns the name of a field as settings have it: MaxLength is max-length, NTK is ntk, RoPE is rope.
func Kebab(name string) string {
	var b strings.Builder
	runes := []rune(strings.ReplaceAll(name, "RoPE", "Rope"))
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
