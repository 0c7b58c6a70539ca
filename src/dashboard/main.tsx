import { render } from 'preact';
import { App } from './app.js';
import 'maplibre-gl/dist/maplibre-gl.css';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/drawings.css';
import './styles/pages.css';
import './styles/acts.css';
import './styles/cost.css';
import './styles/planner.css';
import './styles/narrow.css';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
