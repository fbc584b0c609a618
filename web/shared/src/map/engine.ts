/** MapLibre, loaded once and only by pages that draw a map. Its worker is our own file: no blob, no eval. */
import { setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import 'maplibre-gl/dist/maplibre-gl.css'

setWorkerUrl(workerUrl)

export { AttributionControl, LngLatBounds, Map as MapLibre, Marker, NavigationControl } from 'maplibre-gl'
export type { GeoJSONSource, LngLatLike, MapGeoJSONFeature, StyleSpecification } from 'maplibre-gl'
