// What the cameras of the documentation's pictures see. Runs in a page, before its scripts.
export function installScenery() {
  const SCENES = [
    { sky: ['#cfe0e6', '#f4e6c8'], hills: ['#a9b583', '#7f9156'], sun: 0.74, bird: 0.3 },
    { sky: ['#f0cfae', '#f7ebd2'], hills: ['#c08a66', '#96583c'], sun: 0.26, bird: 0.36 },
  ];
  const { mediaDevices } = navigator;
  const real = mediaDevices.getUserMedia.bind(mediaDevices);
  const image = new Image();
  image.src = '/favicon.svg';
  let cameras = 0;

  function draw(context, { sky, hills, sun, bird }) {
    const { width, height } = context.canvas;
    const gradient = context.createLinearGradient(0, 0, 0, height);
    sky.forEach((colour, index) => gradient.addColorStop(index, colour));
    context.fillStyle = gradient;
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#fff6df';
    context.beginPath();
    context.arc(width * sun, height * 0.3, height * 0.1, 0, 7);
    context.fill();
    hills.forEach((colour, index) => {
      context.fillStyle = colour;
      context.beginPath();
      context.ellipse(width * (index ? 0.2 : 0.8), height * 1.18, width * 0.85, height * (index ? 0.45 : 0.58), 0, 0, 7);
      context.fill();
    });
    context.drawImage(image, width * bird, height * 0.34, height * 0.44, height * 0.44);
  }

  mediaDevices.getUserMedia = async (constraints) => {
    const media = new MediaStream();
    if (constraints.audio) for (const track of (await real({ audio: true })).getTracks()) media.addTrack(track);
    if (!constraints.video) return media;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const context = canvas.getContext('2d');
    const scene = SCENES[cameras++ % SCENES.length];
    const paint = () => draw(context, scene);
    paint();
    setInterval(paint, 100);
    for (const track of canvas.captureStream(10).getTracks()) media.addTrack(track);
    return media;
  };
}
