const box = document.getElementById('wire')

/** Whether messages are shown as they are on the wire, too. */
export const wire = () => box.checked

export const onWire = (show) => box.addEventListener('change', show)
