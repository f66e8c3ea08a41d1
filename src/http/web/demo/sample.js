/** A small picture to attach, drawn here so that nothing has to be fetched or found. */
export function samplePicture() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 270 })
  const paint = canvas.getContext('2d')
  const sky = paint.createLinearGradient(0, 0, 0, 270)
  sky.addColorStop(0, '#7cc4f0')
  sky.addColorStop(1, '#f7e7c6')
  paint.fillStyle = sky
  paint.fillRect(0, 0, 480, 270)
  paint.fillStyle = '#5f8f5b'
  paint.beginPath()
  paint.moveTo(0, 210)
  paint.bezierCurveTo(120, 170, 330, 250, 480, 195)
  paint.lineTo(480, 270)
  paint.lineTo(0, 270)
  paint.fill()
  paint.fillStyle = '#9a6b4f'
  paint.fillRect(0, 96, 480, 26)
  for (let x = 10; x < 480; x += 80) {
    paint.fillRect(x, 120, 18, 130)
    paint.beginPath()
    paint.moveTo(x + 18, 122)
    paint.arc(x + 49, 160, 31, Math.PI, 0)
    paint.lineTo(x + 80, 122)
    paint.fill()
  }
  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(new File([blob], 'viaduct.png', { type: 'image/png' })), 'image/png')
  })
}
