package encodings

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/graft-ml/graft/internal/nearest"
)

// withSettings returns a copy of e with fields set as [ByName] describes.
func withSettings(e Encoding, settings []string) (Encoding, error) {
	v := reflect.New(reflect.TypeOf(e)).Elem()
	v.Set(reflect.ValueOf(e))
	for _, s := range settings {
		key, value, given := strings.Cut(s, "=")
		field, err := fieldOf(v, key)
		if err != nil {
			return nil, err
		}
		if !given {
			if field.Kind() != reflect.Bool {
				return nil, fmt.Errorf("setting %s wants a value: %s=%s", key, key, want(field))
			}
			value = "true"
		}
		if err := set(field, value); err != nil {
			return nil, fmt.Errorf("setting %s is %q: want %s", key, value, want(field))
		}
	}
	return v.Interface().(Encoding), nil
}

// fieldOf finds the field of a dotted path of kebab-case names.
func fieldOf(v reflect.Value, path string) (reflect.Value, error) {
	first, rest, more := strings.Cut(path, ".")
	var names []string
	for i := range v.NumField() {
		name := kebab(v.Type().Field(i).Name)
		if names = append(names, name); name != first {
			continue
		}
		field := v.Field(i)
		if !more {
			return field, nil
		}
		if field.Kind() != reflect.Struct {
			return field, fmt.Errorf("setting %s has no parts", first)
		}
		return fieldOf(field, rest)
	}
	return v, &UnknownError{What: "setting", Name: first, Nearest: nearest.To(first, names)}
}

// set reads a field's value.
func set(field reflect.Value, text string) error {
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
		return setList(field, strings.Split(text, "x"))
	case reflect.Interface:
		e, err := ByName(text)
		if err == nil {
			field.Set(reflect.ValueOf(e))
		}
		return err
	}
	return fmt.Errorf("cannot be set by a word")
}

// setList reads the elements of a list.
func setList(field reflect.Value, parts []string) error {
	if field.Kind() == reflect.Slice {
		field.Set(reflect.MakeSlice(field.Type(), len(parts), len(parts)))
	}
	if field.Len() != len(parts) {
		return fmt.Errorf("wants %d numbers", field.Len())
	}
	for i, p := range parts {
		if err := set(field.Index(i), p); err != nil {
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
		return "the name of an encoding"
	case reflect.Struct:
		return "a value for one of its parts, after a dot"
	}
	return "what only a program can set"
}

// kebab returns the name of a field as settings have it: MaxLength is max-length, NTK is ntk, RoPE is rope.
func kebab(name string) string {
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
