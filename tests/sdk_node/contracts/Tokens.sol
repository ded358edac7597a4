// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

contract Coin is ERC20("Coin", "COIN") {
    function mint(address to, uint256 amount) external { _mint(to, amount); }
}

contract Art is ERC721("Art", "ART") {
    function mint(address to, uint256 id) external { _mint(to, id); }
}

contract Items is ERC1155("") {
    function mint(address to, uint256 id, uint256 amount) external { _mint(to, id, amount, ""); }
}

/// A wallet that is a contract: it accepts what the key of its owner signs (EIP-1271).
contract ContractWallet is IERC1271 {
    address private immutable owner;

    constructor(address owner_) { owner = owner_; }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recover(hash, signature) == owner ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// Makes such wallets at addresses that are known before (EIP-6492).
contract ContractWalletFactory {
    function create(address owner, bytes32 salt) external returns (address) {
        return address(new ContractWallet{salt: salt}(owner));
    }
}
