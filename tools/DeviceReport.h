//===- DeviceReport.h - What gemma-inspect --devices tells ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TOOLS_DEVICEREPORT_H
#define GEMMA_TOOLS_DEVICEREPORT_H

#include "runtime/core/Threads.h"
#include "runtime/cpu/CpuLevel.h"
#include "runtime/cuda/CudaFacts.h"
#include "runtime/cuda/Versions.h"
#include "tools/InspectReport.h"

namespace gemma::inspect {

inline Json cpuReport() {
  CpuLevel level = cpuLevel(thisCpu());
  Json extras = Json::array();
  for (std::string_view extra : level.extras) {
    extras.push_back(std::string(extra));
  }
  return {{"architecture", std::string(machineArchitecture())},
          {"level", std::string(level.name)},
          {"extras", extras},
          {"cpus", availableCpus()}};
}

/// The devices that artifacts can run on. What keeps the CUDA driver from being
/// asked is part of the list, not an error.
inline Json makeDeviceReport() {
  Json report;
  report["cpu"] = cpuReport();
  Json &driver = report["cuda"];
  Result<std::shared_ptr<const cuda::LibCuda>> library = cuda::LibCuda::open();
  if (!library) {
    driver["problem"] = utf8(library.error().message);
    return report;
  }
  driver["cuda_version"] = cuda::cudaVersionText((*library)->version());
  Result<std::vector<cuda::DeviceFacts>> devices = cuda::listDevices(**library);
  if (!devices) {
    driver["problem"] = utf8(devices.error().message);
    return report;
  }
  driver["devices"] = devices->size();
  Json list = Json::array();
  for (const cuda::DeviceFacts &facts : *devices) {
    list.push_back({{"device", facts.index},
                    {"name", utf8(facts.name)},
                    {"chip", facts.chip()},
                    {"memory_bytes", facts.memoryBytes},
                    {"multiprocessors", facts.multiprocessors}});
  }
  report["cuda_devices"] = list;
  return report;
}

} // namespace gemma::inspect

#endif // GEMMA_TOOLS_DEVICEREPORT_H
