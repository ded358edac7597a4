// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// The part of the registry of ENS that readers use (ENSIP-1).
contract NameRegistry {
    mapping(bytes32 => address) public resolver;

    function setResolver(bytes32 node, address resolver_) external { resolver[node] = resolver_; }
}

/// A resolver of names, addresses and pictures. Whoever calls may write: tests play every owner.
contract NameResolver {
    mapping(bytes32 => string) public name;
    mapping(bytes32 => address) public addr;
    mapping(bytes32 => string) private avatars;

    function setName(bytes32 node, string calldata name_) external { name[node] = name_; }
    function setAddr(bytes32 node, address addr_) external { addr[node] = addr_; }
    function setAvatar(bytes32 node, string calldata avatar) external { avatars[node] = avatar; }

    function text(bytes32 node, string calldata key) external view returns (string memory) {
        return keccak256(bytes(key)) == keccak256("avatar") ? avatars[node] : "";
    }
}

/// Never answers.
contract EndlessResolver {
    fallback() external { while (true) {} }
}

/// Answers as much as it is paid for: half a megabyte of text.
contract HugeResolver {
    fallback() external {
        assembly {
            mstore(0, 32)
            mstore(32, 500000)
            return(0, 500064)
        }
    }
}
