package report

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	_ "golang.org/x/image/webp" // the form of some screenshots
)

// MostPixels bounds a picture; a larger one is named instead of drawn.
const MostPixels = 60_000_000

var errPicture = errors.New("no picture that can be drawn: PNG, JPEG or WebP")

// pictureInfo is the size of a picture, or why it cannot be drawn.
func pictureInfo(data []byte) (width, height int, err error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, 0, errPicture
	}
	if config.Width < 1 || config.Height < 1 || config.Width > MostPixels/config.Height {
		return 0, 0, fmt.Errorf("a picture of %d × %d dots: %w", config.Width, config.Height, errPicture)
	}
	if format != "png" && format != "jpeg" && format != "webp" {
		return 0, 0, errPicture
	}
	return config.Width, config.Height, nil
}

// picture adds an image to a PDF. A JPEG file is taken over as it is.
func (o *objects) picture(data []byte) (int, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, errPicture
	}
	if format == "jpeg" {
		space := map[color.Model]string{color.GrayModel: "/DeviceGray", color.YCbCrModel: "/DeviceRGB"}[config.ColorModel]
		if space != "" {
			if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
				return 0, errPicture
			}
			return o.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Filter /DCTDecode", config.Width, config.Height, space), data), nil
		}
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return 0, errPicture
	}
	bounds := decoded.Bounds()
	opaque := image.NewRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	draw.Draw(opaque, opaque.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(opaque, opaque.Bounds(), decoded, bounds.Min, draw.Over)
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, opaque); err != nil {
		return 0, fmt.Errorf("encode a picture: %w", err)
	}
	packed, err := pixelsOf(encoded.Bytes())
	if err != nil {
		return 0, err
	}
	return o.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns %d >>",
		bounds.Dx(), bounds.Dy(), bounds.Dx()), packed), nil
}

// pixelsOf are the compressed pixels of a PNG file of three colours, in the form
// that PDF takes, too.
func pixelsOf(file []byte) ([]byte, error) {
	const signature, rgb, fieldColour = 8, 2, 17
	if len(file) < 33 || file[signature+fieldColour] != rgb {
		return nil, errPicture
	}
	var packed []byte
	for at := signature; at+12 <= len(file); {
		size := int(binary.BigEndian.Uint32(file[at:]))
		if string(file[at+4:at+8]) == "IDAT" {
			packed = append(packed, file[at+8:at+8+size]...)
		}
		at += 12 + size
	}
	return packed, nil
}
