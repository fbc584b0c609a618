/* What this browser allows, looked at one by one. Plain script for old browsers: they are the ones that need the answer. */
(function () {
  'use strict'
  var list = document.getElementById('checks')
  var results = {}

  function open() {
    return new Promise(function (done) {
      var name = 'onegrid-preflight'
      var asked = indexedDB.open(name, 1)
      asked.onerror = function () { done('no') }
      asked.onupgradeneeded = function () { asked.result.createObjectStore('one') }
      asked.onsuccess = function () {
        var base = asked.result
        var write = base.transaction('one', 'readwrite')
        write.objectStore('one').put(new ArrayBuffer(8), 1)
        write.oncomplete = function () { base.close(); indexedDB.deleteDatabase(name); done('yes') }
        write.onabort = write.onerror = function () { base.close(); done('no') }
      }
    })
  }

  function permission(name, there) {
    if (!there) return 'no'
    if (!navigator.permissions) return 'ask'
    return navigator.permissions.query({ name: name }).then(
      function (found) { return found.state === 'granted' ? 'yes' : found.state === 'denied' ? 'no' : 'ask' },
      function () { return 'ask' }
    )
  }

  var checks = {
    secure: function () { return window.isSecureContext ? 'yes' : 'no' },
    trusted: function () {
      /* Only a trusted certificate gets a service worker; a script that is none tells without installing anything. */
      if (!window.isSecureContext || !navigator.serviceWorker) return 'no'
      if (location.protocol !== 'https:') return 'yes'
      return navigator.serviceWorker.register('/static/onegrid/nothing.js', { scope: '/static/onegrid/nothing/' }).then(
        function (made) { return made.unregister().then(function () { return 'yes' }) },
        function () { return 'no' }
      )
    },
    store: function () { return window.indexedDB ? open() : 'no' },
    offline: function () { return navigator.serviceWorker && window.caches ? 'yes' : 'no' },
    locks: function () { return navigator.locks ? 'yes' : 'no' },
    crypto: function () { return window.crypto && window.crypto.subtle ? 'yes' : 'no' },
    position: function () { return permission('geolocation', window.isSecureContext && navigator.geolocation) },
    camera: function () { return permission('camera', navigator.mediaDevices && navigator.mediaDevices.getUserMedia) },
    live: function () {
      var at = list.getAttribute('data-feed')
      if (!window.EventSource || !window.fetch || !at) return 'no'
      return fetch(at, { mode: 'no-cors', credentials: 'omit', cache: 'no-store' }).then(function () { return 'yes' }, function () { return 'no' })
    },
    map: function () {
      var canvas = document.createElement('canvas')
      return canvas.getContext('webgl2') ? 'yes' : 'no'
    },
    awake: function () { return navigator.wakeLock ? 'yes' : 'no' },
    scan: function () { return window.BarcodeDetector ? 'yes' : 'no' }
  }

  var tries = {
    position: function () {
      return new Promise(function (done) {
        navigator.geolocation.getCurrentPosition(function () { done('yes') }, function () { done('no') }, { timeout: 15000 })
      })
    },
    camera: function () {
      return navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).then(
        function (stream) { stream.getTracks().forEach(function (track) { track.stop() }); return 'yes' },
        function () { return 'no' }
      )
    }
  }

  function show(item, state) {
    results[item.getAttribute('data-check')] = { state: state, weight: item.getAttribute('data-weight') }
    item.className = state
    item.querySelector('.state').textContent = list.getAttribute(state === 'yes' ? 'data-works' : state === 'ask' ? 'data-partly' : 'data-missing')
    item.querySelector('.advice').hidden = state !== 'no'
    var button = item.querySelector('.try')
    if (button) button.hidden = state !== 'ask'
  }

  function judge() {
    var verdict = document.getElementById('verdict')
    var missing = Object.keys(results).filter(function (key) { return results[key].state === 'no' && results[key].weight !== 'nice' })
    var needed = missing.filter(function (key) { return results[key].weight === 'needed' })
    verdict.className = 'verdict ' + (needed.length ? 'bad' : missing.length ? 'part' : 'good')
    verdict.textContent = verdict.getAttribute(needed.length ? 'data-none' : missing.length ? 'data-some' : 'data-all')
    verdict.setAttribute('data-done', 'yes')
  }

  function look(item) {
    var key = item.getAttribute('data-check')
    var asked
    try { asked = Promise.resolve(checks[key]()) } catch (error) { asked = Promise.resolve('no') }
    var button = item.querySelector('.try')
    if (button) button.onclick = function () { tries[key]().then(function (state) { show(item, state); judge() }) }
    return asked.catch(function () { return 'no' }).then(function (state) { show(item, state) })
  }

  document.getElementById('wechat').hidden = !/MicroMessenger/i.test(navigator.userAgent)
  Promise.all([].map.call(list.children, look)).then(judge)
})()
