package chdb

import "unsafe"

// packed lays parameters out as the C interface wants them: four arrays.
type packed struct {
	name, value             []unsafe.Pointer
	nameLength, valueLength []uintptr
}

func pack(parameters Parameters) *packed {
	p := &packed{}
	for name, value := range parameters {
		p.name = append(p.name, stringPointer(name))
		p.nameLength = append(p.nameLength, uintptr(len(name)))
		p.value = append(p.value, stringPointer(value))
		p.valueLength = append(p.valueLength, uintptr(len(value)))
	}
	return p
}

func (p *packed) names() unsafe.Pointer        { return first(p.name) }
func (p *packed) values() unsafe.Pointer       { return first(p.value) }
func (p *packed) nameLengths() unsafe.Pointer  { return first(p.nameLength) }
func (p *packed) valueLengths() unsafe.Pointer { return first(p.valueLength) }

func first[T any](items []T) unsafe.Pointer {
	if len(items) == 0 {
		return nil
	}
	return unsafe.Pointer(&items[0])
}

// stringPointer and bytesPointer end what they copy with a NUL, so that an
// empty value has an address, too.
func stringPointer(s string) unsafe.Pointer { return cString(s) }

func bytesPointer(b []byte) unsafe.Pointer {
	if len(b) == 0 {
		return cString("")
	}
	return unsafe.Pointer(&b[0])
}
